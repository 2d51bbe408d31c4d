// `npm run test:models [-- seed]`: what takes too long for every change. All exported models and many random graphs are
// compiled, compared with ONNX Runtime and checked wire by wire, and all examples have the constraints of the snapshot.
import fc from "fast-check";

import { expectCorpusModel, expectRefused } from "../test/circuits/compiler/corpus-conformance.ts";
import { REFUSED } from "../test/circuits/compiler/corpus-conformance-exceptions.ts";
import { readFixtureModels } from "../test/circuits/compiler/onnx/fixture-models.ts";
import { buildRandomGraph, graphRecipes } from "../test/circuits/compiler/random-graphs.ts";
import { expectGraph } from "../test/circuits/compiler/random-graphs-conformance.ts";
import { exampleCount, exampleModels, readSnapshot } from "../test/circuits/constraints.ts";

const GRAPHS = 1000;
const seed = Number(process.argv[2] ?? 1);

let [checked, failures] = [0, 0];
for (const model of readFixtureModels())
  await check(model.file, async () => {
    const codes = REFUSED.get(model.file);
    if (codes !== undefined) expectRefused(model, codes);
    else await expectCorpusModel(model);
  });

for (const [at, recipe] of fc.sample(graphRecipes, { seed, numRuns: GRAPHS }).entries()) {
  const graph = buildRandomGraph(recipe);
  const operators = graph.model.nodes.map(({ op }) => op).join(" ");
  await check(`random graph ${at} of seed ${seed} (${operators})`, () => expectGraph(graph));
}

const snapshot = readSnapshot();
for (const [name, path] of exampleModels())
  await check(`constraints of ${name}`, async () => {
    const count = await exampleCount(path);
    if (count !== snapshot.examples[name])
      throw new Error(`${count} constraints, the snapshot says ${snapshot.examples[name]}`);
  });

process.stdout.write(`\n${checked - failures} of ${checked} hold\n`);
process.exitCode = failures > 0 ? 1 : 0;

async function check(name: string, test: () => Promise<unknown>): Promise<void> {
  checked++;
  try {
    await test();
  } catch (error) {
    failures++;
    process.stdout.write(`${name}\n    ${error instanceof Error ? error.message.slice(0, 500) : String(error)}\n`);
  }
}
