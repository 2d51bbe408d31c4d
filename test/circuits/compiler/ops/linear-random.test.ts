import { expect } from "chai";
import fc from "fast-check";
import * as ort from "onnxruntime-node";

import { CompileError } from "../../../../circuits/compiler/index.ts";
import { computeValues } from "../../../../circuits/compiler/graph/compute.ts";
import { readModel } from "../../../../circuits/compiler/onnx/read-model.ts";
import { translate } from "../../../../circuits/compiler/passes/translate.ts";
import { buildOnnx, seededWeights } from "../build-onnx.ts";
import { type Attributes, type NodeCase, nodeModel, vector, weights } from "./node-case.ts";

/** Runs the float graph of a model and ONNX Runtime on one input; false if ONNX Runtime takes no such model. */
async function agrees(given: NodeCase): Promise<boolean> {
  const bytes = buildOnnx(nodeModel(given));
  const values = seededWeights(
    given.shape.reduce((product, size) => product * size, 1),
    77,
    4,
  );
  let wanted: { readonly shape: readonly number[]; readonly values: number[] };
  try {
    const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
    const { y } = await session.run({ x: new ort.Tensor("float32", Float32Array.from(values), given.shape) });
    wanted = { shape: y?.dims ?? [], values: Array.from(y?.data ?? [], Number) };
    await session.release();
  } catch {
    return false;
  }
  if (wanted.values.length === 0) return false;
  const graph = translate(readModel(bytes));
  const [output] = graph.outputs;
  const found = computeValues(graph.layers, [Float64Array.from(values)])[output?.value ?? 0] ?? new Float64Array();
  expect(output?.shape).to.deep.equal(wanted.shape);
  wanted.values.forEach((value, at) => {
    expect(Math.abs(value - (found[at] ?? NaN)) < 1e-4, `${found[at] ?? ""} for ${value} at ${at}`).to.equal(true);
  });
  return true;
}

/** Every model is one that ONNX Runtime refuses, or on which both agree; at least a share is of the second kind. */
async function expectAgreement(models: fc.Arbitrary<NodeCase>, most: number, share = 0.5): Promise<void> {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(models, async (given) => {
      try {
        if (await agrees(given)) compared++;
      } catch (error) {
        if (!(error instanceof CompileError)) throw error;
        expect.fail(`${error.message} for what ONNX Runtime takes`);
      }
    }),
    { numRuns: most, seed: 20260301 },
  );
  expect(compared > share * most, `${compared} of ${most} models were compared`).to.equal(true);
}

const sizes = (least: number, most: number, length: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: least, max: most }), { minLength: length, maxLength: length });

/** Attributes of a window over two axes, each given or left out. */
const windows = (dilated: boolean): fc.Arbitrary<Attributes> =>
  fc.record(
    {
      strides: sizes(1, 3, 2),
      ...(dilated && { dilations: sizes(1, 2, 2) }),
      pads: sizes(0, 1, 4),
    },
    { requiredKeys: [] },
  );
const automatic: fc.Arbitrary<Attributes> = fc.record(
  { auto_pad: fc.constantFrom("SAME_UPPER", "SAME_LOWER", "VALID"), strides: sizes(1, 3, 2) },
  { requiredKeys: ["auto_pad"] },
);

describe("random attributes give what ONNX Runtime computes", function () {
  this.timeout(60_000);

  it("in Conv", () =>
    expectAgreement(
      fc
        .tuple(sizes(3, 7, 2), sizes(1, 3, 2), fc.constantFrom(1, 2), fc.oneof(windows(true), automatic))
        .map(([image, kernel, group, attributes]) => ({
          op: "Conv",
          shape: [1, 2, ...image],
          constants: [weights("w", [2 * group, 2 / group, ...kernel]), weights("b", [2 * group], 3)],
          attributes: { ...attributes, group },
        })),
      80,
    ));

  it("in ConvTranspose", () =>
    expectAgreement(
      fc
        .tuple(sizes(2, 5, 2), sizes(2, 3, 2), fc.constantFrom(1, 2), fc.oneof(windows(true), automatic))
        .map(([image, kernel, group, attributes]) => ({
          op: "ConvTranspose",
          shape: [1, 2, ...image],
          constants: [weights("w", [2, 2, ...kernel])],
          attributes: { ...attributes, group },
        })),
      80,
    ));

  it("in AveragePool", () =>
    expectAgreement(
      fc
        .tuple(
          sizes(3, 8, 2),
          sizes(1, 3, 2),
          fc.oneof(windows(false), automatic),
          fc.constantFrom(0, 1),
          fc.constantFrom(0, 1),
          fc.constantFrom(11, 19, 22),
        )
        .map(([image, kernel_shape, attributes, count_include_pad, ceil_mode, opset]) => ({
          op: "AveragePool",
          shape: [1, 1, ...image],
          attributes: { ...attributes, kernel_shape, count_include_pad, ceil_mode },
          opset,
        })),
      100,
    ));

  it("in MaxPool", () =>
    expectAgreement(
      fc
        .tuple(sizes(5, 8, 2), sizes(1, 3, 2), fc.oneof(windows(true), automatic), fc.constantFrom(0, 1))
        .map(([image, kernel_shape, attributes, ceil_mode]) => ({
          op: "MaxPool",
          shape: [1, 1, ...image],
          attributes: { ...attributes, kernel_shape, ceil_mode },
          opset: 12,
        })),
      100,
    ));

  it("in Slice", () =>
    expectAgreement(
      fc
        .tuple(sizes(-9, 9, 2), sizes(-9, 9, 2), fc.constantFrom([1, 2], [-1, 0], [2, -2]), sizes(-3, 3, 2))
        .filter(([, , , steps]) => !steps.includes(0))
        .map(([starts, ends, axes, steps]) => ({
          op: "Slice",
          shape: [3, 4, 5],
          constants: [vector("starts", starts), vector("ends", ends), vector("axes", axes), vector("steps", steps)],
        })),
      250,
      0.15,
    ));

  it("in Pad", () =>
    expectAgreement(
      fc
        .tuple(sizes(-2, 3, 4), fc.constantFrom("constant", "reflect", "edge", "wrap"))
        // ONNX Runtime reads other elements than those it kept when it wraps what it has cut.
        .filter(([pads, mode]) => mode !== "wrap" || pads.every((pad) => pad >= 0))
        .map(([pads, mode]) => ({
          op: "Pad",
          shape: [4, 5],
          constants: [vector("pads", pads)],
          attributes: { mode },
          opset: 19,
        })),
      100,
    ));

  it("in Resize", () =>
    expectAgreement(
      fc
        .tuple(
          sizes(1, 9, 2),
          fc.constantFrom("nearest", "linear", "cubic"),
          fc.constantFrom("half_pixel", "asymmetric", "pytorch_half_pixel", "align_corners"),
          fc.constantFrom("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"),
        )
        .map(([target, mode, coordinate_transformation_mode, nearest_mode]) => ({
          op: "Resize",
          shape: [1, 1, 4, 5],
          constants: [vector("sizes", [1, 1, ...target])],
          order: ["x", "", "", "sizes"],
          attributes: { mode, coordinate_transformation_mode, nearest_mode },
          opset: 13,
        })),
      150,
    ));
});
