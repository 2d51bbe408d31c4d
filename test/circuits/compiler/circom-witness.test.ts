import { expect } from "chai";
import fc from "fast-check";
import { wtns } from "snarkjs";

import { compile, emitCircom, type IntegerGraph, lower, symbolNames } from "../../../circuits/compiler/index.ts";
import { elementRange } from "../../../circuits/format/tensor.ts";
import { compileCircom } from "../../../circuits/toolchain/index.ts";
import { readFixtureModels } from "./onnx/fixture-models.ts";
import { buildRandomGraph, graphRecipes } from "./random-graphs.ts";
import { compileGraph } from "./random-graphs-conformance.ts";
import type { Integers } from "./random-graphs-soundness.ts";

const SEED = 20260101;
const GRAPHS = 60;
/** Of the random graphs, those with few constraints: Circom's calculator takes long to build. */
const SMALL = 900;
const COMPARED = 6;
const BINDING = 12_345n;

/** Small models of every room of operators, as exporters write them. */
const EXPORTED: readonly string[] = [
  "boosting/xgboost-missing-values.onnx",
  "pytorch/batchnorm-mlp.onnx",
  "quantized/qoperator-matmul-chain.onnx",
  "scikit-learn/pca-logistic.onnx",
  "standard/reductions-18.onnx",
  "standard/top-k-smallest.onnx",
];

describe("the witness that Circom's own calculator makes", function () {
  this.timeout(120_000);

  const models = readFixtureModels().filter(({ file }) => EXPORTED.includes(file));
  for (const { file, onnx, inputs } of models)
    it(`is ours on every wire: ${file}`, async () => {
      const { graph } = compile(onnx, { name: "exported", inputs });
      await expectSameWitness(graph, [ramp(graph, 3), ramp(graph, 7)]);
    });

  it("is ours on every wire of random graphs", async () => {
    let compared = 0;
    for (const recipe of fc.sample(graphRecipes, { seed: SEED, numRuns: GRAPHS })) {
      const random = buildRandomGraph(recipe);
      const { graph, report } = compileGraph(random);
      if (report.constraints > SMALL) continue;
      await expectSameWitness(graph, random.inputs.slice(2, 5));
      if (++compared === COMPARED) return;
    }
    expect.fail(`only ${compared} random graphs are small`);
  });
});

/** The calculator gets the public signals alone: everything else follows from hints in the emitted source. */
async function expectSameWitness(graph: IntegerGraph, inputs: readonly Integers[]): Promise<void> {
  const circuit = lower(graph);
  const names = symbolNames(circuit);
  const source = emitCircom(circuit);
  const { system, symbols, calculator } = await compileCircom(source, { name: "model", calculator: true });
  if (calculator === null) throw new Error("Circom made no calculator");
  expect(system.wireCount).to.equal(circuit.system.wireCount);
  const wires = names.map((name, wire) => (wire === 0 ? 0 : (symbols.get(name) ?? -1)));
  expect(new Set(wires).size, "wires that have a counterpart of their own").to.equal(wires.length);
  for (const input of inputs) {
    const { witness } = circuit.witness(input, BINDING);
    const words = circuit.program.words.map(({ wire }) => witness[wire] ?? 0n);
    const theirs = await calculate(calculator, { binding: BINDING, words });
    expect(theirs.length).to.equal(witness.length);
    expect(wires.map((wire) => theirs[wire])).to.deep.equal([...witness]);
  }
}

async function calculate(calculator: Uint8Array, signals: Readonly<Record<string, unknown>>): Promise<bigint[]> {
  const file = { type: "mem" as const, data: new Uint8Array() };
  await wtns.calculate(signals, { type: "mem", data: calculator }, file);
  return await wtns.exportJson(file);
}

/** Inputs that walk through their types in steps. */
function ramp({ inputs }: IntegerGraph, step: number): Integers {
  return inputs.map((spec) => {
    const { min, max } = elementRange(spec);
    const count = spec.shape.reduce((product, size) => product * size, 1);
    return Array.from({ length: count }, (_, at) => min + ((max - min) * BigInt((at * step + 1) % 11)) / 10n);
  });
}
