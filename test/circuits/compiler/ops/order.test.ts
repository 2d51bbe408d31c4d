import { expect } from "chai";

import { compile, lower } from "../../../../circuits/compiler/index.ts";
import { buildOnnx, type TestAttribute, type TestModel, TYPES } from "../build-onnx.ts";
import { type Conformance, expectConforms } from "../conformance.ts";

type Attributes = Readonly<Record<string, TestAttribute>>;

const int8 = { inputs: [{ kind: "int", bits: 8, decimals: 1 }] } as const;
const nibble = { inputs: [{ kind: "int", bits: 4, decimals: 1 }] } as const;
/** Integers that pass through, so that nothing needs rounding. */
const whole = (bits: number, outputs = 1): Conformance => ({
  inputs: [{ kind: "int", bits, decimals: 0 }],
  outputs: Array.from({ length: outputs }, () => ({ kind: "int", bits: 32, decimals: 0 })),
  exact: true,
});

interface Given {
  readonly opset?: number;
  readonly axes?: readonly number[];
  readonly outputs?: readonly string[];
  readonly type?: number;
}

function oneNode(op: string, shape: readonly number[], attributes: Attributes = {}, given: Given = {}): TestModel {
  const { opset = 13, axes, outputs = ["y"], type } = given;
  return {
    opset,
    inputs: [{ name: "x", shape, ...(type !== undefined && { type }) }],
    outputs,
    constants: axes === undefined ? [] : [{ name: "axes", shape: [axes.length], values: axes, integers: true }],
    nodes: [{ op, inputs: axes === undefined ? ["x"] : ["x", "axes"], outputs, attributes }],
  };
}

describe("MaxPool", function () {
  this.timeout(60_000);

  const pools: readonly (readonly [string, readonly number[], Attributes, number?])[] = [
    ["one axis", [1, 2, 7], { kernel_shape: [2] }, 7],
    ["one axis with a stride", [1, 2, 7], { kernel_shape: [3], strides: [2] }],
    ["two axes", [1, 2, 4, 6], { kernel_shape: [2, 2], strides: [2, 2] }, 8],
    ["overlapping windows", [1, 1, 5, 5], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }],
    ["pads that differ", [1, 1, 4, 5], { kernel_shape: [3, 2], pads: [0, 1, 2, 0] }],
    ["dilations", [1, 1, 6, 6], { kernel_shape: [2, 3], dilations: [2, 2] }, 10],
    ["ceil_mode", [1, 1, 6, 7], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }, 10],
    [
      "ceil_mode and pads",
      [1, 1, 5, 5],
      { kernel_shape: [2, 2], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1 },
      12,
    ],
    ["auto_pad SAME_UPPER", [1, 1, 5, 6], { kernel_shape: [2, 3], strides: [2, 2], auto_pad: "SAME_UPPER" }],
    ["auto_pad SAME_LOWER", [1, 1, 5, 6], { kernel_shape: [2, 3], strides: [2, 2], auto_pad: "SAME_LOWER" }],
    ["auto_pad VALID", [1, 1, 5, 6], { kernel_shape: [2, 3], strides: [2, 2], auto_pad: "VALID" }],
    ["three axes", [1, 1, 3, 4, 4], { kernel_shape: [2, 2, 2], strides: [1, 2, 2] }, 11],
  ];
  for (const [name, shape, attributes, opset] of pools)
    it(`takes ${name}`, () => expectConforms(oneNode("MaxPool", shape, attributes, { opset: opset ?? 13 }), whole(8)));

  for (const [name, attributes] of [
    ["row-major", {}],
    ["column-major", { storage_order: 1 }],
  ] as const)
    it(`says where the largest are, ${name}`, () =>
      expectConforms(
        oneNode(
          "MaxPool",
          [1, 2, 4, 5],
          { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 0, 0, 1], ...attributes },
          { outputs: ["y", "at"] },
        ),
        whole(2, 2),
      ));

  it("says where the largest are in three dimensions", () =>
    expectConforms(
      oneNode("MaxPool", [1, 1, 2, 3, 4], { kernel_shape: [2, 2, 2], storage_order: 1 }, { outputs: ["y", "at"] }),
      whole(4, 2),
    ));

  it("takes bytes", () =>
    expectConforms(oneNode("MaxPool", [1, 1, 4, 4], { kernel_shape: [2, 2] }, { type: TYPES.uint8 }), { exact: true }));

  it("pays for a comparison once where windows overlap", () => {
    const windows = { kernel_shape: [3, 3], strides: [1, 1] };
    const onnx = buildOnnx(oneNode("MaxPool", [1, 1, 6, 6], windows));
    const pixel = { kind: "uint", bits: 8, decimals: 0 } as const;
    const { graph } = compile(onnx, { name: "pool", inputs: [pixel], outputs: [pixel] });
    const alone = 16 * 8 * 11;
    expect(lower(graph).system.constraints.length).to.be.below(alone);
  });
});

describe("a reduction", function () {
  this.timeout(60_000);

  const axesOf: readonly (readonly [string, readonly number[], Attributes, Given])[] = [
    ["all axes", [1, 2, 3], {}, {}],
    ["one axis", [2, 3, 2], { axes: [1] }, { opset: 7 }],
    ["the last axis without its dimension", [2, 3], { axes: [-1], keepdims: 0 }, { opset: 11 }],
    ["axes apart", [2, 2, 3], { axes: [2, 0] }, {}],
    ["axes as an operand", [2, 3, 2], { keepdims: 0 }, { opset: 18, axes: [-2, 2] }],
    ["no axes, which is all", [2, 3], {}, { opset: 18, axes: [] }],
    ["nothing at all", [2, 3], { noop_with_empty_axes: 1 }, { opset: 18, axes: [] }],
  ];
  for (const op of ["ReduceMax", "ReduceMin"])
    for (const [name, shape, attributes, given] of axesOf)
      it(`by ${op} runs over ${name}`, () => expectConforms(oneNode(op, shape, attributes, given), whole(8)));

  for (const op of ["ReduceL1", "ReduceSumSquare", "ReduceProd"])
    for (const [name, shape, attributes, given] of axesOf.filter(([, , , { axes }]) => axes?.length !== 0))
      it(`by ${op} runs over ${name}`, () =>
        expectConforms(oneNode(op, shape, attributes, given), op === "ReduceProd" ? nibble : whole(4)));

  for (const op of ["ReduceL2", "ReduceLogSumExp"])
    for (const [name, shape, attributes, given] of axesOf.filter(([, , , { axes }]) => axes?.length !== 0))
      it(`by ${op} runs over ${name}`, () => expectConforms(oneNode(op, shape, attributes, given), int8));

  it("by ReduceLogSum takes the logarithm of a sum", () =>
    expectConforms(
      {
        opset: 13,
        inputs: [{ name: "x", shape: [2, 4] }],
        outputs: ["y"],
        constants: [{ name: "one", shape: [], values: [1] }],
        nodes: [
          { op: "Add", inputs: ["x", "one"], outputs: ["p"] },
          { op: "ReduceLogSum", inputs: ["p"], outputs: ["y"], attributes: { axes: [1] } },
        ],
      },
      { inputs: [{ kind: "uint", bits: 8, decimals: 1 }] },
    ));

  it("keeps integers integers", async () => {
    for (const op of ["ReduceMax", "ReduceMin", "ReduceL1", "ReduceSumSquare", "ReduceProd"])
      await expectConforms(oneNode(op, [2, 3], { axes: [1] }, { type: TYPES.int32 }), whole(4));
  });

  it("of the whole space is GlobalMaxPool", () => expectConforms(oneNode("GlobalMaxPool", [1, 3, 2, 3]), whole(8)));
});
