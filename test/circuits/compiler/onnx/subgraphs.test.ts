import { expect } from "chai";

import type { Attribute, OnnxGraph } from "../../../../circuits/compiler/onnx/model.ts";
import { readModel } from "../../../../circuits/compiler/onnx/read-model.ts";
import { buildOnnx, type TestGraph, type TestModel, type TestNode } from "../build-onnx.ts";
import { codesOf } from "./expect-problems.ts";

function branch(nodes: readonly TestNode[], part: Partial<TestGraph> = {}): { readonly graph: TestGraph } {
  return { graph: { outputs: ["out"], nodes, ...part } };
}

function withIf(thenBranch: { readonly graph: TestGraph }, part: Partial<TestModel> = {}): Uint8Array {
  return buildOnnx({
    inputs: [{ name: "x", shape: [1, 2] }],
    outputs: ["y"],
    constants: [{ name: "yes", shape: [], values: [1], type: "bool" }],
    nodes: [
      { op: "If", name: "choice", inputs: ["yes"], outputs: ["y"], attributes: { then_branch: thenBranch } },
      { op: "Relu", name: "late", inputs: ["x"], outputs: ["late"] },
    ],
    ...part,
  });
}

function graphOf(attribute: Attribute | undefined): OnnxGraph {
  if (typeof attribute !== "object" || !("captures" in attribute)) throw new Error("this is no graph");
  return attribute;
}

describe("graphs inside a node", () => {
  it("are read with their constants, and say what they take from outside", () => {
    const inner = branch(
      [
        { op: "Add", inputs: ["sum", "c"], outputs: ["out"] },
        { op: "Add", inputs: ["x", "late"], outputs: ["sum"] },
      ],
      { constants: [{ name: "c", shape: [], values: [2] }], outputs: ["out", "yes"] },
    );
    const { nodes } = readModel(withIf(inner));
    expect(nodes.map(({ name }) => name)).to.deep.equal(["late", "choice"]);
    const graph = graphOf(nodes[1]?.attributes.get("then_branch"));
    expect(graph.nodes.map(({ outputs }) => outputs[0])).to.deep.equal(["sum", "out"]);
    expect(graph.captures).to.deep.equal(["x", "late", "yes"]);
    expect(graph.inputs).to.deep.equal([]);
    expect(graph.outputs).to.deep.equal(["out", "yes"]);
    expect([...(graph.constants.get("c")?.values ?? [])]).to.deep.equal([2]);
  });

  it("pass on what graphs inside them take, except their own names", () => {
    const innermost = branch([{ op: "Add", inputs: ["late", "step"], outputs: ["out"] }]);
    const body = branch(
      [{ op: "If", name: "in", inputs: ["go"], outputs: ["out"], attributes: { then_branch: innermost } }],
      {
        inputs: [
          { name: "step", shape: [] },
          { name: "go", shape: [] },
        ],
      },
    );
    const graph = graphOf(readModel(withIf(body)).nodes[1]?.attributes.get("then_branch"));
    expect(graph.captures).to.deep.equal(["late"]);
    expect(graph.inputs).to.deep.equal(["step", "go"]);
  });

  it("must find what they take; the outer node is named", () => {
    expect(codesOf(withIf(branch([{ op: "Relu", name: "in", inputs: ["nowhere"], outputs: ["out"] }])))).to.deep.equal([
      "VALUE_MISSING choice",
    ]);
  });

  it("name their own nodes in diagnostics", () => {
    const inner = branch([{ op: "Relu", name: "in", inputs: ["out"], outputs: ["out"] }], {
      constants: [{ name: "bad", shape: [1], values: [NaN] }],
    });
    expect(codesOf(withIf(inner))).to.deep.equal(["VALUE_NOT_FINITE bad", "GRAPH_CYCLE in"]);
  });

  it("must not be nested beyond reason", () => {
    let nested = branch([{ op: "Relu", inputs: ["x"], outputs: ["out"] }]);
    for (let depth = 0; depth < 40; depth++)
      nested = branch([
        { op: "If", name: `d${depth}`, inputs: ["yes"], outputs: ["out"], attributes: { then_branch: nested } },
      ]);
    const [found] = codesOf(withIf(nested));
    expect(found).to.match(/^SIZE_INVALID d/);
  });
});
