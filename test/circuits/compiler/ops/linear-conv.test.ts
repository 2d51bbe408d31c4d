import { expect } from "chai";

import { compile } from "../../../../circuits/compiler/index.ts";
import { entryCount } from "../../../../circuits/compiler/graph/matrix.ts";
import { readModel } from "../../../../circuits/compiler/onnx/read-model.ts";
import { translate } from "../../../../circuits/compiler/passes/translate.ts";
import { buildOnnx } from "../build-onnx.ts";
import { type Conformance, expectConforms } from "../conformance.ts";
import { type Attributes, type NodeCase, nodeModel, weights } from "./node-case.ts";

type Case = readonly [name: string, given: NodeCase];

const small: Conformance = { inputs: [{ kind: "int", bits: 8, decimals: 1 }], draws: 6 };
const both: Conformance = {
  inputs: [
    { kind: "int", bits: 8, decimals: 1 },
    { kind: "int", bits: 4, decimals: 1 },
  ],
  draws: 6,
};

const conv = (
  shape: readonly number[],
  kernel: readonly number[],
  attributes: Attributes = {},
  opset = 11,
): NodeCase => ({ op: "Conv", shape, constants: [weights("w", kernel)], attributes, opset });

const CONVOLUTIONS: readonly Case[] = [
  ["one axis, no attributes", conv([1, 2, 6], [3, 2, 3])],
  ["two axes, no attributes", conv([1, 2, 5, 4], [3, 2, 2, 3], {}, 7)],
  ["three axes", conv([1, 1, 3, 3, 3], [2, 1, 2, 2, 2], { pads: [0, 1, 0, 0, 0, 1] })],
  ["strides and pads that differ", conv([1, 2, 5, 6], [2, 2, 3, 2], { strides: [2, 3], pads: [1, 0, 2, 1] })],
  ["dilations", conv([1, 1, 7, 7], [2, 1, 3, 2], { dilations: [2, 3], pads: [1, 1, 1, 1] }, 22)],
  ["groups", conv([1, 4, 4, 4], [6, 2, 2, 2], { group: 2 })],
  ["depthwise", conv([1, 3, 4, 4], [6, 1, 3, 3], { group: 3, kernel_shape: [3, 3] })],
  ["auto_pad SAME_UPPER", conv([1, 1, 5, 6], [1, 1, 2, 3], { auto_pad: "SAME_UPPER", strides: [2, 2] })],
  ["auto_pad SAME_LOWER", conv([1, 1, 5, 6], [1, 1, 2, 3], { auto_pad: "SAME_LOWER", strides: [1, 2] })],
  ["auto_pad VALID", conv([1, 1, 5, 6], [1, 1, 2, 3], { auto_pad: "VALID" })],
  [
    "a bias",
    { op: "Conv", shape: [1, 2, 4, 4], constants: [weights("w", [3, 2, 3, 3]), weights("b", [3], 2)], opset: 13 },
  ],
];

describe("Conv", function () {
  this.timeout(60_000);

  for (const [name, given] of CONVOLUTIONS) it(`takes ${name}`, () => expectConforms(nodeModel(given), small));

  it("takes weights that are computed", () =>
    expectConforms(
      nodeModel({
        op: "Conv",
        shape: [1, 2, 4],
        second: { shape: [2, 1, 2] },
        constants: [weights("b", [2])],
        order: ["x", "z", "b"],
        attributes: { group: 2, pads: [1, 0] },
      }),
      both,
    ));

  it("takes a bias that is computed", () =>
    expectConforms(
      nodeModel({
        op: "Conv",
        shape: [1, 1, 4],
        second: { shape: [2] },
        constants: [weights("w", [2, 1, 2])],
        order: ["x", "w", "z"],
      }),
      both,
    ));

  it("is read at once with 16 kernels over 6 channels of 28 by 28", () => {
    const onnx = buildOnnx(
      nodeModel({
        op: "Conv",
        shape: [1, 6, 28, 28],
        constants: [weights("w", [16, 6, 5, 5])],
        attributes: { pads: [2, 2, 2, 2] },
      }),
    );
    const model = readModel(onnx);
    const started = process.cpuUsage();
    const [layer] = translate(model).layers;
    expect(process.cpuUsage(started).user < 5_000_000).to.equal(true);
    expect(layer?.kind === "linear" && entryCount(layer.matrix)).to.equal(16 * 6 * (5 * 28 - 6) ** 2);
  });

  const refusals: readonly (readonly [name: string, given: NodeCase, message: RegExp])[] = [
    ["channels that do not fit the groups", conv([1, 3, 4, 4], [2, 2, 2, 2]), /3 channels in 1 groups/],
    ["a kernel larger than the image", conv([1, 1, 2, 2], [1, 1, 3, 3]), /does not fit into 2 elements/],
    [
      "another kernel_shape than the weights'",
      conv([1, 1, 4, 4], [1, 1, 2, 2], { kernel_shape: [3, 3] }),
      /kernel_shape/,
    ],
    ["ranks that differ", conv([1, 1, 4, 4], [1, 1, 2]), /same number of spatial axes/],
    ["strides of another length", conv([1, 1, 4, 4], [1, 1, 2, 2], { strides: [1] }), /strides must have 2/],
    ["a stride of 0", conv([1, 1, 4, 4], [1, 1, 2, 2], { strides: [0, 1] }), /start at 1/],
  ];
  for (const [name, given, message] of refusals)
    it(`refuses ${name}`, () => {
      expect(() => compile(buildOnnx(nodeModel(given)), { name: "bad" })).to.throw(message);
    });
});

const transposed = (shape: readonly number[], kernel: readonly number[], attributes: Attributes = {}): NodeCase => ({
  op: "ConvTranspose",
  shape,
  constants: [weights("w", kernel)],
  attributes,
  opset: 11,
});

const TRANSPOSED: readonly Case[] = [
  ["one axis, no attributes", transposed([1, 2, 4], [2, 3, 3])],
  ["two axes, no attributes", transposed([1, 2, 3, 4], [2, 3, 2, 3])],
  ["strides", transposed([1, 1, 3, 3], [1, 2, 3, 2], { strides: [2, 3] })],
  ["pads that differ", transposed([1, 1, 4, 4], [1, 1, 3, 3], { pads: [1, 0, 2, 1], strides: [2, 1] })],
  [
    "output_padding",
    transposed([1, 1, 3, 3], [1, 1, 3, 3], { output_padding: [1, 0], strides: [2, 2], pads: [1, 1, 1, 1] }),
  ],
  ["output_shape", transposed([1, 1, 3, 3], [1, 1, 3, 3], { output_shape: [6, 8], strides: [2, 3] })],
  [
    "output_shape and SAME_UPPER",
    transposed([1, 1, 3, 3], [1, 1, 3, 3], { output_shape: [6, 8], strides: [2, 3], auto_pad: "SAME_UPPER" }),
  ],
  ["SAME_UPPER", transposed([1, 1, 3, 3], [1, 1, 3, 4], { strides: [2, 2], auto_pad: "SAME_UPPER" })],
  ["SAME_LOWER", transposed([1, 1, 3, 3], [1, 1, 3, 4], { strides: [2, 2], auto_pad: "SAME_LOWER" })],
  ["VALID", transposed([1, 1, 3, 3], [1, 1, 2, 2], { strides: [3, 3], auto_pad: "VALID" })],
  ["groups", transposed([1, 4, 3, 3], [4, 1, 2, 2], { group: 2 })],
  ["dilations", transposed([1, 1, 3, 3], [1, 2, 2, 3], { dilations: [2, 2], strides: [1, 2] })],
  ["a bias", { op: "ConvTranspose", shape: [1, 1, 3], constants: [weights("w", [1, 2, 2]), weights("b", [2], 3)] }],
];

describe("ConvTranspose", function () {
  this.timeout(60_000);

  for (const [name, given] of TRANSPOSED) it(`takes ${name}`, () => expectConforms(nodeModel(given), small));

  it("takes weights that are computed", () =>
    expectConforms(
      nodeModel({ op: "ConvTranspose", shape: [1, 2, 3], second: { shape: [2, 1, 2] }, order: ["x", "z"] }),
      both,
    ));

  it("refuses pads that leave nothing", () => {
    const given = transposed([1, 1, 2], [1, 1, 2], { pads: [2, 1] });
    expect(() => compile(buildOnnx(nodeModel(given)), { name: "bad" })).to.throw(/leave nothing/);
  });
});
