import { AssertionError, expect } from "chai";

import { compile, CompileError, type CompileReport, modelInputs } from "../../../circuits/compiler/index.ts";
import { xorshift } from "../../../circuits/compiler/passes/xorshift.ts";
import { elementRange } from "../../../circuits/format/tensor.ts";
import type { FixtureModel } from "./onnx/fixture-models.ts";
import { DIFFERENT, DYNAMIC, INACCURATE } from "./corpus-conformance-exceptions.ts";
import { expectReported } from "./corpus-conformance-reported.ts";
import { expectSound, type Integers } from "./random-graphs-soundness.ts";

/** Inputs on which a model is compiled and compared. */
const DRAWN = 29;
/** Those of them on which the circuit is checked: a witness takes longer than an answer. */
const PROVEN = 4;
const SEED = 0x2545f491;

/** Compiles an exported model and compares it with ONNX Runtime: see `expectReported` and `expectSound`. */
export async function expectCorpusModel({ onnx, inputs: elements, file }: FixtureModel): Promise<CompileReport> {
  const inputs = drawInputs(onnx, elements);
  const sampleInputs = inputs.map((tensors) =>
    tensors.flatMap((values, at) => values.map((value) => Number(value) / 10 ** (elements[at]?.decimals ?? 0))),
  );
  const compilation = compile(onnx, { name: "exported", inputs: elements, sampleInputs });
  const agrees = expectReported(onnx, compilation, inputs, DYNAMIC.get(file));
  // What is listed must be different, or the list is stale.
  await (DIFFERENT.has(file) ? agrees.then(() => expect.fail(`${file} is no exception`), onlyAssertions) : agrees);
  expectSound(compilation.graph, inputs.slice(0, PROVEN));
  const { reached } = compilation.report.quantization;
  expect(reached || INACCURATE.has(file), "the accuracy that was asked for").to.equal(true);
  return compilation.report;
}

function onlyAssertions(error: unknown): void {
  if (!(error instanceof AssertionError)) throw error;
}

/** Asserts that a model is refused with these codes, and returns. */
export function expectRefused({ onnx, inputs, file }: FixtureModel, codes: readonly string[]): void {
  try {
    compile(onnx, { name: "exported", inputs });
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    expect([...new Set(error.diagnostics.map(({ code }) => code))], file).to.deep.equal(codes);
    return;
  }
  expect.fail(`${file} compiles`);
}

/** Zeros, the ends, then draws: the element types beside the models are moderate ranges. */
function drawInputs(onnx: Uint8Array, elements: FixtureModel["inputs"]): Integers[] {
  const next = xorshift(SEED);
  const tensors = modelInputs(onnx).map(({ shape }, at) => {
    const { kind, bits, decimals } = elements[at] ?? { kind: "int", bits: 16, decimals: 4 };
    const { min, max } = elementRange({ kind, bits, decimals, shape: [...shape] });
    return { size: shape.reduce((product, size) => product * size, 1), lo: min, hi: max };
  });
  type Tensor = (typeof tensors)[number];
  const fill = (pick: (tensor: Tensor) => bigint): bigint[][] =>
    tensors.map((tensor) => Array.from({ length: tensor.size }, () => pick(tensor)));
  const draw = ({ lo, hi }: Tensor): bigint => lo + BigInt(Math.floor(next() * Number(hi - lo + 1n)));
  return [
    fill(draw),
    fill(({ lo }) => lo),
    fill(() => 0n),
    fill(({ hi }) => hi),
    ...Array.from({ length: DRAWN }, () => fill(draw)),
  ];
}
