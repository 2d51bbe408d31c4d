import { compile, CompileError } from "../../../../circuits/compiler/index.ts";
import { expect } from "chai";
import { buildOnnx, type TestAttribute, type TestModel } from "../build-onnx.ts";
import { expectConforms } from "../conformance.ts";

function fold(
  given: readonly number[],
  image: readonly number[],
  block: readonly number[],
  attributes: Readonly<Record<string, TestAttribute>> = {},
): TestModel {
  return {
    opset: 18,
    inputs: [{ name: "x", shape: given }],
    outputs: ["y"],
    constants: [
      { name: "image", shape: [image.length], values: image, integers: true },
      { name: "block", shape: [block.length], values: block, integers: true },
    ],
    nodes: [{ op: "Col2Im", inputs: ["x", "image", "block"], outputs: ["y"], attributes }],
  };
}

const byte = { inputs: [{ kind: "int", bits: 8, decimals: 1 }], draws: 4 } as const;

describe("Col2Im", () => {
  it("lays blocks side by side", () => expectConforms(fold([1, 8, 4], [4, 4], [2, 2], { strides: [2, 2] }), byte));
  it("adds up what overlaps", () => expectConforms(fold([2, 4, 6], [3, 4], [2, 2]), byte));
  it("cuts off what is padded", () =>
    expectConforms(fold([1, 6, 9], [3, 5], [3, 2], { pads: [1, 0, 1, 1], strides: [1, 2], dilations: [1, 1] }), byte));
  it("spreads blocks that are dilated", () =>
    expectConforms(fold([1, 4, 4], [4, 4], [2, 2], { dilations: [2, 2] }), byte));
  it("refuses blocks that are not those of the image", () => {
    const wrong = buildOnnx(fold([1, 4, 5], [4, 4], [2, 2], { strides: [2, 2] }));
    expect(() => compile(wrong, { name: "fold" })).to.throw(CompileError, "blocks of that image");
  });
});
