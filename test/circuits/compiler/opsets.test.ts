import { expect } from "chai";

import { compile, evaluate } from "../../../circuits/compiler/index.ts";
import { buildOnnx, seededWeights, type TestConstant, type TestNode } from "./build-onnx.ts";

const OPSETS = [7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21];
const LOW = -1.5;
const HIGH = 3;

/**
 * One network with the operators whose form changed over the opsets: bounds of Clip (inputs since 11), axes of Squeeze
 * and Unsqueeze (inputs since 13), the axis that Softmax takes unless told (1 before 13, the last one since).
 */
function network(opset: number): Uint8Array {
  const constants: TestConstant[] = [
    { name: "w", shape: [5, 6], values: seededWeights(30, 3) },
    { name: "b", shape: [5], values: seededWeights(5, 4) },
    { name: "c", shape: [1, 5], values: seededWeights(5, 5) },
    { name: "to", shape: [2], values: [0, -1], integers: true },
    ...(opset < 11
      ? []
      : [
          { name: "low", shape: [], values: [LOW] },
          { name: "high", shape: [], values: [HIGH] },
        ]),
    ...(opset < 13 ? [] : [{ name: "axis", shape: [1], values: [1], integers: true }]),
  ];
  const nodes: TestNode[] = [
    { op: "Flatten", inputs: ["x"], outputs: ["flat"] },
    { op: "Reshape", inputs: ["flat", "to"], outputs: ["row"] },
    { op: "Gemm", inputs: ["row", "w", "b"], outputs: ["z"], attributes: { transB: 1 } },
    { op: "Add", inputs: ["z", "c"], outputs: ["z2"] },
    opset < 11
      ? { op: "Clip", inputs: ["z2"], outputs: ["h"], attributes: { min: LOW, max: HIGH } }
      : { op: "Clip", inputs: ["z2", "low", "high"], outputs: ["h"] },
    { op: "Unsqueeze", ...axes(opset, "h"), outputs: ["deep"] },
    { op: "Squeeze", ...axes(opset, "deep"), outputs: ["h2"] },
    { op: "Relu", inputs: ["h2"], outputs: ["r"] },
    { op: "Softmax", inputs: ["r"], outputs: ["p"] },
    { op: "ArgMax", inputs: ["p"], outputs: ["label"], attributes: { axis: 1, keepdims: 0 } },
  ];
  return buildOnnx({ inputs: [{ name: "x", shape: ["N", 2, 3] }], outputs: ["label"], constants, nodes, opset });
}

function axes(opset: number, operand: string): Pick<TestNode, "inputs" | "attributes"> {
  return opset < 13 ? { inputs: [operand], attributes: { axes: [1] } } : { inputs: [operand, "axis"] };
}

describe("the same network in every opset from 7 to 21", () => {
  const compiled = OPSETS.map((opset) =>
    compile(network(opset), { name: "opset", inputs: [{ kind: "int", bits: 8, decimals: 1 }] }),
  );

  it("becomes the same integers", () => {
    for (const { graph } of compiled) expect(graph).to.deep.equal(compiled[0]?.graph);
  });

  it("answers more than one thing", () => {
    const [first] = compiled;
    const answers = new Set(
      seededWeights(60, 9, 60).flatMap((_, at, all) =>
        first === undefined || at % 6 > 0
          ? []
          : evaluate(first.graph, [all.slice(at, at + 6).map((value) => BigInt(Math.round(value)))]).flat(),
      ),
    );
    expect(answers.size).to.be.greaterThan(1);
  });
});
