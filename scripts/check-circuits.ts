// `npm run check:circuits`: the wires of every example model and of a model for each operator follow from the inputs.
import { globSync } from "node:fs";

import {
  compile,
  CompileError,
  findUndetermined,
  givenWires,
  type IntegerGraph,
  lower,
  symbolNames,
} from "../circuits/compiler/index.ts";
import { OP_MODELS } from "../test/circuits/compiler/op-models.ts";
import { readModelSource } from "../workers/publish/model-config.ts";
import { compileOptions } from "../workers/publish/prepare-version.ts";

/** More names would say no more. */
const SHOWN = 20;

let failures = 0;
for (const path of globSync("examples/*/*.onnx").sort())
  await check(path, async () => {
    const source = await readModelSource(path);
    return compile(source.onnx, compileOptions(source)).graph;
  });
for (const { op, onnx, options } of OP_MODELS)
  await check(`a model with ${op}`, () => Promise.resolve(compile(onnx, options).graph));
if (failures > 0) process.exitCode = 1;

async function check(name: string, read: () => Promise<IntegerGraph>): Promise<void> {
  try {
    checkGraph(name, await read());
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    failures++;
    process.stdout.write(`DOES NOT COMPILE  ${name}: ${error.message}\n`);
  }
}

function checkGraph(name: string, graph: IntegerGraph): void {
  const started = performance.now();
  const circuit = lower(graph);
  const names = symbolNames(circuit);
  // From the public words alone, so that no statement has two proofs; and from the inputs, so that none has two answers.
  const found = new Set([
    ...findUndetermined(circuit.system),
    ...findUndetermined(circuit.system, givenWires(circuit.program)),
  ]);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const rows = circuit.system.constraints.length;
  process.stdout.write(`${found.size === 0 ? "determined" : "UNDETERMINED"}  ${name} (${rows} rows, ${seconds} s)\n`);
  if (found.size === 0) return;
  failures++;
  const listed = [...found].slice(0, SHOWN).map((wire) => `    ${names[wire] ?? ""}`);
  if (found.size > SHOWN) listed.push(`    and ${found.size - SHOWN} more`);
  process.stdout.write(`${listed.join("\n")}\n`);
}
