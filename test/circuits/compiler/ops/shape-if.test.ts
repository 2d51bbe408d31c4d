import { expect } from "chai";

import { compile } from "../../../../circuits/compiler/index.ts";
import { buildOnnx, type TestGraph, type TestModel, TYPES } from "../build-onnx.ts";
import { expectConforms } from "../conformance.ts";
import { vector, WHOLE, whole } from "./node-case.ts";

const twice: TestGraph = {
  outputs: ["t"],
  constants: [{ name: "two", shape: [], values: [2] }],
  nodes: [{ op: "Mul", inputs: ["x", "two"], outputs: ["t"] }],
};
const row: TestGraph = {
  outputs: ["t"],
  constants: [vector("to", [-1])],
  nodes: [{ op: "Reshape", inputs: ["x", "to"], outputs: ["t"] }],
};
const unknown: TestGraph = { outputs: ["t"], nodes: [{ op: "Loop", inputs: ["x"], outputs: ["t"] }] };

/** Whether x has 3 columns decides, as in what torch.jit.script exports. */
function byShape(thenBranch: TestGraph, elseBranch: TestGraph, columns = 3): TestModel {
  return {
    opset: 13,
    inputs: [{ name: "x", shape: [2, columns] }],
    outputs: ["y"],
    constants: [whole("one", [], [1]), whole("three", [], [3])],
    nodes: [
      { op: "Shape", inputs: ["x"], outputs: ["shape"] },
      { op: "Gather", inputs: ["shape", "one"], outputs: ["columns"] },
      { op: "Equal", inputs: ["columns", "three"], outputs: ["is3"] },
      {
        op: "If",
        name: "choice",
        inputs: ["is3"],
        outputs: ["r"],
        attributes: { then_branch: { graph: thenBranch }, else_branch: { graph: elseBranch } },
      },
      { op: "Neg", inputs: ["r"], outputs: ["y"] },
    ],
  };
}

describe("If", function () {
  this.timeout(60_000);

  it("takes the branch that a known condition names", async () => {
    for (const columns of [3, 4]) await expectConforms(byShape(twice, row, columns), WHOLE);
  });

  it("may be inside another", () => {
    const nested: TestGraph = {
      outputs: ["n"],
      nodes: [
        {
          op: "If",
          inputs: ["is3"],
          outputs: ["n"],
          attributes: { then_branch: { graph: row }, else_branch: { graph: twice } },
        },
      ],
    };
    return expectConforms(byShape(nested, twice), WHOLE);
  });

  it("may hold anything in the branch that is not taken", () => {
    expect(() => compile(buildOnnx(byShape(twice, unknown)), { name: "if" })).to.not.throw();
    expect(() => compile(buildOnnx(byShape(unknown, twice)), { name: "if" })).to.throw(/Loop/);
  });

  const computed = (elseBranch: TestGraph): TestModel => ({
    opset: 13,
    inputs: [
      { name: "x", shape: [2, 3] },
      { name: "c", shape: [1], type: TYPES.bool },
    ],
    outputs: ["y"],
    nodes: [
      {
        op: "If",
        inputs: ["c"],
        outputs: ["y"],
        attributes: { then_branch: { graph: twice }, else_branch: { graph: elseBranch } },
      },
    ],
  });

  it("chooses by a computed condition between branches of one shape", () => {
    const squares: TestGraph = { outputs: ["t"], nodes: [{ op: "Mul", inputs: ["x", "x"], outputs: ["t"] }] };
    return expectConforms(computed(squares), {
      inputs: [
        { kind: "int", bits: 8, decimals: 0 },
        { kind: "uint", bits: 1, decimals: 0 },
      ],
      most: 50,
    });
  });

  it("refuses to choose between shapes", () => {
    expect(() => compile(buildOnnx(computed(row)), { name: "if" })).to.throw(/a circuit has one shape/);
  });
});
