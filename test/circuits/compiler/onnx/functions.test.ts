import { expect } from "chai";
import onnxProto, { type onnx } from "onnx-proto";
import * as ort from "onnxruntime-node";

import { Diagnostics } from "../../../../circuits/compiler/compile-error.ts";
import { readFunctionDefaults } from "../../../../circuits/compiler/onnx/function-defaults.ts";
import { inlineFunctions } from "../../../../circuits/compiler/onnx/inline-functions.ts";
import { readModel } from "../../../../circuits/compiler/onnx/read-model.ts";
import { describeGraph, describeModel, describeNode, encodeModel, type TestNode } from "../build-onnx.ts";
import { codesOf, problemsOf } from "./expect-problems.ts";

const DOMAIN = "pkg.torch";

function call(name: string, inputs: readonly string[], outputs: readonly string[], op = "Block"): TestNode {
  return { op, name, domain: DOMAIN, inputs, outputs };
}

/** y = block(block(x)) with the given functions. */
function model(
  functions: onnx.IFunctionProto[],
  nodes = [call("one", ["x"], ["h"]), call("two", ["h"], ["y"])],
): Uint8Array {
  const proto = describeModel({ inputs: [{ name: "x", shape: [1, 2] }], outputs: ["y"], nodes });
  return encodeModel({ ...proto, functions });
}

function block(part: Partial<onnx.IFunctionProto>, ...nodes: TestNode[]): onnx.IFunctionProto {
  return { name: "Block", domain: DOMAIN, input: ["a"], output: ["b"], node: nodes.map(describeNode), ...part };
}

/** Adds a function with a default, which the encoder has no field for, to the bytes of a model. */
function withDefault(bytes: Uint8Array, body: onnx.IFunctionProto, attribute: onnx.IAttributeProto): Uint8Array {
  const { AttributeProto, FunctionProto } = onnxProto.onnx;
  const field = (tag: readonly number[], content: Uint8Array): number[] => {
    expect(content.length < 128 * 128).to.equal(true);
    return [...tag, (content.length & 0x7f) | 0x80, content.length >> 7, ...content];
  };
  const value = field([0x5a], AttributeProto.encode(attribute).finish());
  const whole = Uint8Array.from([...FunctionProto.encode(body).finish(), ...value]);
  return Uint8Array.from([...bytes, ...field([0xca, 0x01], whole)]);
}

const relu: TestNode = { op: "Relu", name: "relu", inputs: ["a"], outputs: ["t"] };
const neg: TestNode = { op: "Neg", name: "neg", inputs: ["t"], outputs: ["b"] };

describe("model-local functions", () => {
  it("are replaced by their bodies at every call, with names of their own", () => {
    const { nodes } = readModel(model([block({}, relu, neg)]));
    expect(nodes.map(({ name, op, inputs, outputs }) => [name, op, inputs[0], outputs[0]])).to.deep.equal([
      ["one/relu", "Relu", "x", "h/t"],
      ["one/neg", "Neg", "h/t", "h"],
      ["two/relu", "Relu", "h", "y/t"],
      ["two/neg", "Neg", "y/t", "y"],
    ]);
  });

  it("may call each other, and may stand in the branches of an If", () => {
    const inner = describeGraph({ outputs: ["z"], nodes: [call("deep", ["t"], ["z"], "Leaf")] }, "branch");
    const choose = describeNode({ op: "If", name: "choose", inputs: ["t"], outputs: ["b"] });
    const outer = block({
      node: [describeNode(relu), { ...choose, attribute: [{ name: "then_branch", type: 5, g: inner }] }],
    });
    const leaf = block({ name: "Leaf" }, { op: "Abs", name: "abs", inputs: ["a"], outputs: ["b"] });
    const { nodes } = readModel(model([outer, leaf], [call("one", ["x"], ["y"])]));
    const graph = nodes[1]?.attributes.get("then_branch");
    expect(
      typeof graph === "object" && "captures" in graph ? [graph.captures, graph.outputs, graph.nodes[0]?.op] : [],
    ).to.deep.equal([["y/t"], ["y/z"], "Abs"]);
  });

  it("pass attributes on, with the call's value, the function's default, or none", () => {
    const leaky = describeNode({ op: "LeakyRelu", name: "leaky", inputs: ["a"], outputs: ["b"] });
    const body = block({ node: [{ ...leaky, attribute: [{ name: "alpha", type: 1, refAttrName: "slope" }] }] });
    const given = { ...call("one", ["x"], ["h"]), attributes: { slope: { float: 0.25 } } };
    const alphas = (bytes: Uint8Array) => readModel(bytes).nodes.map(({ attributes }) => attributes.get("alpha"));
    const calls = [given, call("two", ["h"], ["y"])];
    expect(alphas(model([body], calls))).to.deep.equal([0.25, undefined]);
    expect(alphas(withDefault(model([], calls), body, { name: "slope", type: 1, f: 0.5 }))).to.deep.equal([0.25, 0.5]);
  });

  it("may leave inputs and outputs out, and hand an input through", () => {
    const body = block(
      { input: ["a", "cap"], output: ["b", "a", "unused"] },
      { op: "Clip", name: "clip", inputs: ["a", "", "cap"], outputs: ["b"] },
      { op: "Neg", name: "spare", inputs: ["a"], outputs: ["unused"] },
    );
    const { nodes } = readModel(model([body], [call("one", ["x"], ["y", "same"])]));
    expect(nodes.map(({ op, inputs, outputs }) => [op, inputs, outputs])).to.deep.equal([
      ["Clip", ["x", "", ""], ["y"]],
      ["Neg", ["x"], ["y/unused"]],
      ["Identity", ["x"], ["same"]],
    ]);
  });

  it("mean what ONNX Runtime takes them for", async () => {
    const leaky = describeNode({ op: "LeakyRelu", name: "leaky", inputs: ["a"], outputs: ["t"] });
    const scale = {
      op: "Constant",
      inputs: [],
      outputs: ["k"],
      attributes: { value: { tensor: { shape: [2], values: [3, -1] } } },
    };
    const body = block({
      node: [
        { ...leaky, attribute: [{ name: "alpha", type: 1, refAttrName: "slope" }] },
        describeNode(scale),
        describeNode(call("inner", ["t", "k"], ["b"], "Leaf")),
      ],
      opsetImport: [
        { domain: "", version: 13 },
        { domain: DOMAIN, version: 1 },
      ],
    });
    const leaf = block(
      { name: "Leaf", input: ["a", "k"], opsetImport: [{ domain: "", version: 13 }] },
      { op: "Mul", name: "scaled", inputs: ["a", "k"], outputs: ["t"] },
      { op: "Sub", name: "less", inputs: ["t", "a"], outputs: ["b"] },
    );
    const given = { ...call("one", ["x"], ["h"]), attributes: { slope: { float: 0.25 } } };
    const attribute = { name: "slope", type: 1, f: 0.5 };
    const bytes = withDefault(model([leaf], [given, call("two", ["h"], ["y"])]), { ...body, attribute: [] }, attribute);
    const proto = onnxProto.onnx.ModelProto.decode(bytes);
    const graph = inlineFunctions(proto, readFunctionDefaults(bytes, proto), new Diagnostics());
    const inlined = encodeModel({ irVersion: 8, opsetImport: [{ domain: "", version: 13 }], graph });
    const answers = await Promise.all(
      [bytes, inlined].map(async (onnx) => {
        const session = await ort.InferenceSession.create(onnx, { logSeverityLevel: 4 });
        const { y } = await session.run({ x: new ort.Tensor("float32", Float32Array.of(-2, 1.5), [1, 2]) });
        return [...(y?.data ?? [])].map(Number);
      }),
    );
    // Leaky slopes 0.25 and 0.5: -2 becomes -0.5, times 3 - 1 is -1, becomes -0.5, is -1; 1.5 times -2 is -3, becomes -1.5, is 3.
    expect(answers).to.deep.equal([
      [-1, 3],
      [-1, 3],
    ]);
  });

  it("must neither call themselves nor multiply without end", () => {
    const self = block({}, relu, { ...call("again", ["t"], ["b"]) });
    expect(codesOf(model([self], [call("one", ["x"], ["y"])]))).to.deep.equal(["GRAPH_CYCLE one/again"]);
    const doubling = Array.from({ length: 40 }, (_, level) =>
      block(
        { name: level === 0 ? "Block" : `L${level}` },
        call("p", ["a"], ["t"], level === 39 ? "Relu" : `L${level + 1}`),
        call("q", ["t"], ["b"], level === 39 ? "Relu" : `L${level + 1}`),
      ),
    );
    expect(problemsOf(model(doubling)).map(({ code }) => code)).to.include("SIZE_INVALID");
  });

  it("must have one meaning each, in the opset of the model", () => {
    expect(codesOf(model([block({}, relu, neg), block({}, relu, neg)]))).to.deep.equal(["VALUE_DUPLICATE Block"]);
    const other = block({ opsetImport: [{ domain: "", version: 18 }] }, relu, neg);
    expect(codesOf(model([other]))).to.deep.equal(["OPSET_UNSUPPORTED Block"]);
    const same = block({ opsetImport: [{ domain: "", version: 13 }] }, relu, neg);
    expect(readModel(model([same])).nodes).to.have.lengthOf(4);
  });
});
