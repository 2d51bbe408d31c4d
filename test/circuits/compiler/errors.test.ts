import { expect } from "chai";

import { compile, CompileError, encodeGraph } from "../../../circuits/compiler/index.ts";
import { buildMlp, buildOnnx } from "./build-onnx.ts";

function codes(onnx: Uint8Array): string[] {
  try {
    compile(onnx, { name: "bad" });
  } catch (error) {
    if (error instanceof CompileError) return error.diagnostics.map(({ code, node }) => `${code} ${node}`);
    throw error;
  }
  return [];
}

describe("the compiler", () => {
  it("names every unsupported node at once", () => {
    const nodes = [
      { op: "Sigmoid", name: "one", inputs: ["x"], outputs: ["a"] },
      { op: "Conv", name: "two", inputs: ["a"], outputs: ["y"] },
    ];
    const onnx = buildOnnx({ inputs: [{ name: "x", shape: [1, 4] }], outputs: ["y"], nodes });
    expect(codes(onnx)).to.deep.equal(["OP_UNSUPPORTED one", "OP_UNSUPPORTED two"]);
  });
  it("names a dynamic dimension that is not the batch", () => {
    const nodes = [{ op: "Relu", inputs: ["x"], outputs: ["y"] }];
    expect(codes(buildOnnx({ inputs: [{ name: "x", shape: ["n", "width"] }], outputs: ["y"], nodes }))).to.deep.equal([
      "SHAPE_DYNAMIC x",
    ]);
  });
  it("tells a truncated file from one that is no model", () => {
    const onnx = buildMlp([4, 3, 2], 1);
    expect(codes(onnx.slice(0, onnx.length - 9))).to.deep.equal(["FILE_TRUNCATED "]);
    expect(codes(new TextEncoder().encode("hello"))).to.deep.equal(["FILE_NOT_ONNX "]);
  });
  it("gives the same bytes twice", () => {
    const bytes = () => encodeGraph(compile(buildMlp([4, 5, 3], 1), { name: "same" }).graph);
    expect(bytes()).to.deep.equal(bytes());
  });
});
