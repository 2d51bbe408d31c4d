import { expect } from "chai";

import { compile, evaluate } from "../../../../circuits/compiler/index.ts";
import type { NamedTensorSpec } from "../../../../circuits/format/manifest.ts";
import { elementRange } from "../../../../circuits/format/tensor.ts";
import { openOnnxModel } from "../../../../workers/daemon/execution/onnx-run.ts";
import { toOnnxTensor } from "../../../../workers/daemon/execution/onnx-tensor.ts";
import { WorkerError } from "../../../../workers/daemon/worker-error.ts";
import { buildOnnx, type TestModel, TYPES } from "../../../circuits/compiler/build-onnx.ts";

const spec = (kind: NamedTensorSpec["kind"], bits: number, decimals = 0): NamedTensorSpec => ({
  name: "x",
  kind,
  bits,
  decimals,
  shape: [1, 3],
});
const as = (name: string, given: NamedTensorSpec): NamedTensorSpec => ({ ...given, name });

/** ONNX's whole types, and the spec that holds the same. */
const WHOLE = {
  bool: spec("uint", 1),
  uint8: spec("uint", 8),
  int8: spec("int", 8),
  uint16: spec("uint", 16),
  int16: spec("int", 16),
  uint32: spec("uint", 32),
  int32: spec("int", 32),
  uint64: spec("uint", 64),
  int64: spec("int", 64),
} as const satisfies Partial<Record<keyof typeof TYPES, NamedTensorSpec>>;
const REAL = ["float", "double", "float16"] as const;

type Part = Partial<Pick<TestModel, "nodes" | "outputs" | "constants">>;

/** A model of one input of three elements; without nodes it gives them back. */
function modelOf(type: keyof typeof TYPES, part: Part = {}): Uint8Array {
  return buildOnnx({
    inputs: [{ name: "x", shape: [1, 3], type: TYPES[type] }],
    outputs: ["y"],
    nodes: [{ op: "Identity", inputs: ["x"], outputs: ["y"] }],
    ...part,
  });
}

async function run(
  onnx: Uint8Array,
  input: NamedTensorSpec,
  output: NamedTensorSpec,
  values: readonly bigint[],
): Promise<bigint[] | undefined> {
  const model = await openOnnxModel(onnx, [input], [as("y", output)]);
  try {
    return (await model.run([values]))[0];
  } finally {
    await model.close();
  }
}

async function failure(attempt: Promise<unknown>): Promise<readonly [code: string, message: string]> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof WorkerError) return [error.code, error.message];
    throw error;
  }
  throw new Error("it succeeded");
}

describe("a model in ONNX Runtime", () => {
  for (const type of Object.keys(WHOLE) as (keyof typeof WHOLE)[])
    it(`takes and gives every ${type}, and nothing wider`, async () => {
      const { min, max } = elementRange(WHOLE[type]);
      expect(await run(modelOf(type), WHOLE[type], WHOLE[type], [min, 1n, max])).to.deep.equal([min, 1n, max]);
      for (const outside of [min - 1n, max + 1n])
        expect(await failure(run(modelOf(type), spec("int", 64), spec("int", 64), [0n, outside, 0n]))).to.deep.equal([
          "EXECUTION_FAILED",
          `element 1 of "x" is ${outside}, outside [${min}, ${max}]`,
        ]);
    });

  for (const type of REAL)
    it(`takes and gives ${type}s with decimals`, async () => {
      const reals = spec("int", 16, 3);
      expect(await run(modelOf(type), reals, reals, [-1500n, 125n, 100n])).to.deep.equal([-1500n, 125n, 100n]);
    });

  it("takes the nearest float16, and none that is infinite", async () => {
    const wide = spec("int", 32);
    // Halves above 2,048 are even, those above 32,768 multiples of 32.
    const halves = await run(modelOf("float16"), wide, wide, [2049n, -2051n, 65_519n]);
    expect(halves).to.deep.equal([2048n, -2052n, 65_504n]);
    expect(await failure(run(modelOf("float16"), wide, wide, [0n, 0n, -65_520n]))).to.deep.equal([
      "EXECUTION_FAILED",
      'element 2 of "x" is -65520, beyond float16',
    ]);
  });

  it("gives what the circuit gives, from every element type that compiles", async () => {
    for (const type of [...(Object.keys(WHOLE) as (keyof typeof WHOLE)[]), ...REAL]) {
      const onnx = modelOf(type, {
        nodes: [
          { op: "Cast", inputs: ["x"], outputs: ["real"], attributes: { to: TYPES.float } },
          { op: "Add", inputs: ["real", "half"], outputs: ["y"] },
        ],
        constants: [{ name: "half", shape: [1], values: [0.5] }],
      });
      const { graph, inputs, outputs } = compile(onnx, { name: "types" });
      const model = await openOnnxModel(onnx, inputs, outputs);
      const values = [[0n, 1n, 1n]];
      expect(await model.run(values), type).to.deep.equal(evaluate(graph, values));
      await model.close();
    }
  });

  it("gives whole numbers with the decimals of their spec, as the circuit does", async () => {
    for (const type of ["int32", "int64"] as const) {
      const onnx = modelOf(type);
      const outputs = [{ kind: "int", bits: 16, decimals: 2 }] as const;
      const compilation = compile(onnx, { name: "decimals", inputs: [{ kind: "int", bits: 8, decimals: 0 }], outputs });
      const values = [-7n, 0n, 5n];
      const found = await run(onnx, spec("int", 8), spec("int", 16, 2), values);
      expect([found], type).to.deep.equal(evaluate(compilation.graph, [values]));
      expect(found, type).to.deep.equal([-700n, 0n, 500n]);
    }
  });

  it("takes a text", async () => {
    const onnx = buildOnnx({
      inputs: [{ name: "x", shape: [1], type: TYPES.string }],
      outputs: ["y"],
      nodes: [{ op: "Cast", inputs: ["x"], outputs: ["y"], attributes: { to: TYPES.float } }],
    });
    const text: NamedTensorSpec = { name: "x", kind: "text", bits: 8, decimals: 0, shape: [8] };
    const codes = [...new TextEncoder().encode("12.5")].map(BigInt);
    expect(await run(onnx, text, spec("int", 16, 1), codes)).to.deep.equal([125n]);
  });

  it("is refused what it has no place for", async () => {
    const [whole, reals] = [spec("int", 16), spec("int", 16, 1)];
    const values = [0n, 0n, 0n];
    expect(await failure(run(modelOf("int16"), reals, whole, values))).to.deep.equal([
      "MODEL_UNSUPPORTED",
      'input "x" is int16, which has no decimals',
    ]);
    expect(await failure(run(modelOf("int16"), as("other", whole), whole, values))).to.deep.equal([
      "MODEL_UNSUPPORTED",
      'input "other" is not in the model',
    ]);
    const elsewhere = modelOf("int16", {
      nodes: [{ op: "Identity", inputs: ["x"], outputs: ["z"] }],
      outputs: ["z"],
    });
    expect(await failure(run(elsewhere, whole, whole, values))).to.deep.equal([
      "MODEL_UNSUPPORTED",
      'the model has no output "y"',
    ]);
    expect(() => toOnnxTensor(whole, values, "int4")).to.throw(WorkerError, 'input "x" is int4');
  });

  it("fails where its answer has no place on chain", async () => {
    const [bytes, wide] = [spec("uint", 8), spec("int", 64)];
    expect(await failure(run(modelOf("int64"), wide, bytes, [0n, 0n, 256n]))).to.deep.equal([
      "EXECUTION_FAILED",
      'element 2 of "y" is 256, outside [0, 255]',
    ]);
    const inverse = modelOf("float", { nodes: [{ op: "Reciprocal", inputs: ["x"], outputs: ["y"] }] });
    expect(await failure(run(inverse, wide, wide, [1n, 0n, 1n]))).to.deep.equal([
      "EXECUTION_FAILED",
      'element 1 of "y" is Infinity',
    ]);
    const texts = modelOf("float", {
      nodes: [{ op: "Cast", inputs: ["x"], outputs: ["y"], attributes: { to: TYPES.string } }],
    });
    expect(await failure(run(texts, wide, wide, [1n, 0n, 1n]))).to.deep.equal([
      "MODEL_UNSUPPORTED",
      'output "y" has elements of type string',
    ]);
  });
});
