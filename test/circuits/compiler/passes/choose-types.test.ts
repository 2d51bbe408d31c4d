import { expect } from "chai";

import { compile } from "../../../../circuits/compiler/index.ts";
import { buildOnnx, TYPES } from "../build-onnx.ts";

function typesOf(type: keyof typeof TYPES): ReturnType<typeof compile> {
  const onnx = buildOnnx({
    inputs: [{ name: "counts", shape: [1, 3], type: TYPES[type] }],
    outputs: ["y"],
    constants: [{ name: "w", shape: [3, 2], values: [0.5, -1, 2, 0.25, -0.75, 1.5] }],
    nodes: [
      { op: "Cast", inputs: ["counts"], outputs: ["real"], attributes: { to: TYPES.float } },
      { op: "MatMul", inputs: ["real", "w"], outputs: ["y"] },
    ],
  });
  return compile(onnx, { name: "types" });
}

describe("element types of inputs", () => {
  for (const [type, kind] of [
    ["int64", "int"],
    ["int32", "int"],
    ["uint64", "uint"],
    ["uint32", "uint"],
  ] as const)
    it(`are 16 bits for ${type}, unless they are said, because nothing is accurate over all of it`, () => {
      const { inputs, report } = typesOf(type);
      expect(inputs.map(({ bits, decimals }) => [bits, decimals])).to.deep.equal([[16, 0]]);
      expect(inputs[0]?.kind).to.equal(kind);
      expect(report.warnings.join()).to.include(`input "counts" is taken as ${kind}16, though the model takes ${type}`);
      expect(report.quantization.reached).to.equal(true);
    });

  it("are the model's own where it is narrow", () => {
    const { inputs, report } = typesOf("uint8");
    expect(inputs.map(({ kind, bits }) => [kind, bits])).to.deep.equal([["uint", 8]]);
    expect(report.warnings.join()).to.not.include("though the model takes");
  });
});
