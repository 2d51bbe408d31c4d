import { expect } from "chai";

import { compile } from "../../../../circuits/compiler/index.ts";
import { buildOnnx } from "../build-onnx.ts";
import { type Conformance, expectConforms } from "../conformance.ts";
import { type Attributes, type NodeCase, nodeModel, weights } from "./node-case.ts";

const small: Conformance = { inputs: [{ kind: "int", bits: 8, decimals: 1 }], draws: 6 };

const pool = (shape: readonly number[], attributes: Attributes, opset = 13, op = "AveragePool"): NodeCase => ({
  op,
  shape,
  attributes,
  opset,
});

const square = { kernel_shape: [3, 3], strides: [2, 2] };
const AVERAGES: readonly (readonly [string, NodeCase])[] = [
  ["one axis", pool([1, 2, 7], { kernel_shape: [3] }, 7)],
  ["two axes with strides", pool([1, 2, 5, 6], { kernel_shape: [2, 3], strides: [2, 1] }, 10)],
  ["three axes", pool([1, 1, 3, 3, 3], { kernel_shape: [2, 2, 2] })],
  ["pads that are not counted", pool([1, 1, 5, 5], { ...square, pads: [1, 1, 1, 1] }, 11)],
  ["pads that are counted", pool([1, 1, 5, 5], { ...square, pads: [1, 0, 1, 1], count_include_pad: 1 }, 11)],
  ["ceil_mode", pool([1, 1, 6, 7], { ...square, ceil_mode: 1 }, 11)],
  ["ceil_mode in opset 19", pool([1, 1, 6, 7], { ...square, ceil_mode: 1 }, 19)],
  [
    "ceil_mode with pads that are counted",
    pool([1, 1, 6, 7], { ...square, pads: [1, 1, 1, 1], ceil_mode: 1, count_include_pad: 1 }, 11),
  ],
  [
    "ceil_mode with pads that are counted in opset 19",
    pool([1, 1, 6, 7], { ...square, pads: [1, 1, 1, 1], ceil_mode: 1, count_include_pad: 1 }, 19),
  ],
  ["ceil_mode with pads that are not counted", pool([1, 1, 6, 7], { ...square, pads: [1, 1, 1, 1], ceil_mode: 1 }, 19)],
  ["dilations", pool([1, 1, 7, 6], { kernel_shape: [3, 2], dilations: [2, 3] }, 19)],
  [
    "dilations with pads that are counted",
    pool([1, 1, 6, 6], { kernel_shape: [3, 2], dilations: [2, 3], pads: [1, 1, 2, 1], count_include_pad: 1 }, 22),
  ],
  [
    "dilations with pads that are counted and ceil_mode",
    pool(
      [1, 1, 6, 6],
      {
        kernel_shape: [2, 2],
        dilations: [2, 2],
        strides: [2, 2],
        pads: [1, 0, 1, 1],
        count_include_pad: 1,
        ceil_mode: 1,
      },
      22,
    ),
  ],
  ["auto_pad SAME_UPPER", pool([1, 1, 5, 6], { kernel_shape: [2, 3], strides: [2, 2], auto_pad: "SAME_UPPER" })],
  ["auto_pad SAME_LOWER", pool([1, 1, 5, 6], { kernel_shape: [2, 3], strides: [1, 2], auto_pad: "SAME_LOWER" })],
  [
    "auto_pad SAME_LOWER with pads that are counted",
    pool([1, 1, 5, 6], { kernel_shape: [2, 3], strides: [1, 2], auto_pad: "SAME_LOWER", count_include_pad: 1 }),
  ],
  ["auto_pad VALID", pool([1, 1, 5, 6], { kernel_shape: [2, 3], auto_pad: "VALID" })],
];

describe("AveragePool and GlobalAveragePool", function () {
  this.timeout(60_000);

  for (const [name, given] of AVERAGES) it(`take ${name}`, () => expectConforms(nodeModel(given), small));

  for (const shape of [
    [1, 3, 5],
    [1, 2, 3, 4],
    [1, 2, 2, 3, 2],
  ])
    it(`take all of a channel of [${shape.join(", ")}]`, () =>
      expectConforms(nodeModel(pool(shape, {}, 7, "GlobalAveragePool")), small));

  it("refuse a kernel of another rank", () => {
    const given = pool([1, 1, 5, 5], { kernel_shape: [2] });
    expect(() => compile(buildOnnx(nodeModel(given)), { name: "bad" })).to.throw(/kernel_shape must have 2/);
  });
});

describe("LpPool and GlobalLpPool", function () {
  this.timeout(60_000);

  /** The root of a sum of cubes is steep at 0: an error of the sum is larger there. */
  for (const [p, tolerance] of [
    [1, 0.01],
    [2, 0.2],
    [3, 0.5],
  ] as const)
    it(`add up powers of ${p}`, () =>
      expectConforms(nodeModel(pool([1, 1, 4, 4], { kernel_shape: [2, 2], p, strides: [2, 2] }, 11, "LpPool")), {
        ...small,
        tolerance,
      }));

  it("take p = 2 unless told", () =>
    expectConforms(nodeModel(pool([1, 1, 6], { kernel_shape: [2], pads: [1, 0] }, 18, "LpPool")), small));

  it("take ceil_mode and dilations", () =>
    expectConforms(
      nodeModel(
        pool(
          [1, 1, 6, 6],
          { kernel_shape: [2, 2], p: 1, dilations: [2, 1], strides: [1, 3], ceil_mode: 1 },
          18,
          "LpPool",
        ),
      ),
      small,
    ));

  for (const p of [1, 2])
    it(`take all of a channel with p = ${p}`, () =>
      expectConforms(nodeModel(pool([1, 2, 3, 3], { p }, 7, "GlobalLpPool")), small));
});

describe("BatchNormalization", function () {
  this.timeout(60_000);

  const statistics = (channels: number) => [
    weights("scale", [channels], 1),
    weights("bias", [channels], 2),
    weights("mean", [channels], 3),
    { name: "variance", shape: [channels], values: Array.from({ length: channels }, (_, at) => 0.2 + at) },
  ];
  const normalize = (shape: readonly number[], attributes: Attributes, opset: number): NodeCase => ({
    op: "BatchNormalization",
    shape,
    attributes,
    constants: statistics(shape[1] ?? 1),
    opset,
  });

  for (const opset of [7, 9, 14, 15])
    it(`takes images in opset ${opset}`, () =>
      expectConforms(nodeModel(normalize([1, 3, 2, 2], { epsilon: 0.01 }, opset)), small));

  it("takes a vector of channels", () => expectConforms(nodeModel(normalize([1, 4], {}, 15)), small));

  it("refuses training", () => {
    const given = normalize([1, 3, 2], { training_mode: 1 }, 15);
    expect(() => compile(buildOnnx(nodeModel(given)), { name: "bad" })).to.throw(/eval mode/);
  });
});
