import { expect } from "chai";

import { compile } from "../../../../circuits/compiler/index.ts";
import { buildOnnx, type TestConstant, type TestNode } from "../build-onnx.ts";
import { expectConforms } from "../conformance.ts";

const int8 = { kind: "int", bits: 8, decimals: 1 } as const;

const scalar = (name: string, value: number): TestConstant => ({ name, shape: [], values: [value] });
const node = (op: string, inputs: readonly string[], output: string): TestNode => ({ op, inputs, outputs: [output] });

/** As PyTorch exports them, from x to y. */
const CHAINS: Readonly<Record<string, { readonly constants?: readonly TestConstant[]; readonly nodes: TestNode[] }>> = {
  "x * sigmoid(x)": { nodes: [node("Sigmoid", ["x"], "s"), node("Mul", ["x", "s"], "y")] },
  "x * tanh(softplus(x))": {
    nodes: [node("Softplus", ["x"], "p"), node("Tanh", ["p"], "t"), node("Mul", ["x", "t"], "y")],
  },
  "GELU with erf": {
    constants: [scalar("root", Math.SQRT2), scalar("one", 1), scalar("half", 0.5)],
    nodes: [
      node("Div", ["x", "root"], "a"),
      node("Erf", ["a"], "b"),
      node("Add", ["b", "one"], "c"),
      node("Mul", ["x", "c"], "d"),
      node("Mul", ["d", "half"], "y"),
    ],
  },
  "GELU with tanh": {
    constants: [scalar("half", 0.5), scalar("k", 0.044715), scalar("root", Math.sqrt(2 / Math.PI)), scalar("one", 1)],
    nodes: [
      node("Mul", ["half", "x"], "a"),
      node("Mul", ["x", "x"], "b"),
      node("Mul", ["b", "x"], "c"),
      node("Mul", ["c", "k"], "d"),
      node("Add", ["x", "d"], "e"),
      node("Mul", ["e", "root"], "f"),
      node("Tanh", ["f"], "g"),
      node("Add", ["g", "one"], "h"),
      node("Mul", ["a", "h"], "y"),
    ],
  },
  "x / (1 + |x|)": {
    constants: [scalar("one", 1)],
    nodes: [node("Abs", ["x"], "a"), node("Add", ["one", "a"], "d"), node("Div", ["x", "d"], "y")],
  },
  "x / (1 + exp(-x))": {
    constants: [scalar("one", 1)],
    nodes: [
      node("Neg", ["x"], "n"),
      node("Exp", ["n"], "e"),
      node("Add", ["one", "e"], "d"),
      node("Div", ["x", "d"], "y"),
    ],
  },
};

describe("fusing curves", function () {
  this.timeout(60_000);

  for (const [name, { constants = [], nodes }] of Object.entries(CHAINS))
    it(`makes one table of ${name}`, async () => {
      const { graph } = await expectConforms(
        { inputs: [{ name: "x", shape: ["n", 3] }], outputs: ["y"], constants, nodes },
        { inputs: [int8], most: 80 },
      );
      // What a table leaves to multiply for the decimals of the output is free.
      expect(graph.layers.map(({ kind }) => kind).filter((kind) => kind !== "linear")).to.deep.equal(["piecewise"]);
      expect(graph.origins[0]?.ops).to.include.members(nodes.slice(0, -1).map(({ op }) => op));
    });

  it("computes once what two others take", () => {
    const nodes = [node("Exp", ["x"], "e"), node("Sin", ["e"], "y"), node("Cos", ["e"], "z"), node("Tanh", ["y"], "t")];
    const onnx = buildOnnx({ inputs: [{ name: "x", shape: ["n", 3] }], outputs: ["t", "z"], nodes });
    const { graph } = compile(onnx, { name: "once", inputs: [int8] });
    expect(graph.layers.filter(({ kind }) => kind === "piecewise")).to.have.lengthOf(3);
  });

  it("leaves alone what mixes elements or treats them differently", async () => {
    const { graph } = await expectConforms(
      {
        inputs: [{ name: "x", shape: ["n", 3] }],
        outputs: ["y", "z"],
        constants: [
          { name: "each", shape: [3], values: [1, 2, 3] },
          { name: "mix", shape: [3, 3], values: [1, 0, 1, 0, 1, 0, 0.5, 0, 1] },
        ],
        nodes: [
          node("Sigmoid", ["x"], "s"),
          node("Mul", ["s", "each"], "m"),
          node("Tanh", ["m"], "y"),
          node("MatMul", ["s", "mix"], "w"),
          node("Mul", ["w", "s"], "z"),
        ],
      },
      { inputs: [int8] },
    );
    expect(graph.layers.filter(({ kind }) => kind === "piecewise")).to.have.lengthOf(2);
  });

  it("leaves exact activations exact", () => {
    const nodes = [node("Relu", ["x"], "r"), node("LeakyRelu", ["r"], "l"), node("Mul", ["l", "l"], "y")];
    const onnx = buildOnnx({ inputs: [{ name: "x", shape: ["n", 3] }], outputs: ["y"], nodes });
    const { graph } = compile(onnx, { name: "exact", inputs: [int8] });
    expect(graph.layers.some(({ kind }) => kind === "piecewise")).to.equal(false);
  });
});
