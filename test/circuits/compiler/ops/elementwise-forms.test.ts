import { expect } from "chai";

import { compareSystems, compile, emitCircom, lower, symbolNames } from "../../../../circuits/compiler/index.ts";
import { compileCircom } from "../../../../circuits/toolchain/index.ts";
import { buildOnnx, type TestModel, TYPES } from "../build-onnx.ts";
import { expectConforms } from "../conformance.ts";

const int8 = { kind: "int", bits: 8, decimals: 1 } as const;

function oneNode(op: string, opset: number, attributes: NonNullable<TestModel["nodes"][0]["attributes"]>): TestModel {
  return {
    opset,
    inputs: [{ name: "x", shape: ["n", 2, 3] }],
    outputs: ["y"],
    nodes: [{ op, inputs: ["x"], outputs: ["y"], attributes }],
  };
}

describe("element-wise operators through the opsets", function () {
  this.timeout(60_000);

  it("Clip takes its bounds from attributes before opset 11, one of them or both", async () => {
    for (const attributes of [
      { min: { float: -1.5 }, max: { float: 6 } },
      { max: { float: 6 } },
      { min: { float: 0 }, max: { float: 3.4028234663852886e38 } },
    ])
      await expectConforms(oneNode("Clip", 7, attributes), { inputs: [int8], tolerance: 0.01 });
  });

  it("the same operators give the same in the first opset and in a new one", async () => {
    for (const opset of [7, 21])
      await expectConforms(
        {
          opset,
          inputs: [
            { name: "x", shape: ["n", 2, 3] },
            { name: "y", shape: ["n", 1, 3] },
          ],
          outputs: ["max", "min", "less", "more", "same", "leaky", "sign"],
          constants: [{ name: "k", shape: [3], values: [0.5, 0, -2] }],
          nodes: [
            { op: "Max", inputs: ["x", "y", "k"].slice(0, opset === 7 ? 1 : 3), outputs: ["max"] },
            { op: "Min", inputs: ["x", "y", "k"].slice(0, opset === 7 ? 1 : 3), outputs: ["min"] },
            { op: "Less", inputs: ["x", "y"], outputs: ["less"] },
            { op: "Greater", inputs: ["k", "y"], outputs: ["more"] },
            { op: "Sub", inputs: ["x", "y"], outputs: ["same"] },
            { op: "LeakyRelu", inputs: ["same"], outputs: ["leaky"], attributes: { alpha: { float: 0.5 } } },
            { op: "Abs", inputs: ["leaky"], outputs: ["sign"] },
          ],
        },
        { inputs: [int8, int8], tolerance: 0.01 },
      );
  });

  it("CastLike casts to the type of its second operand", async () => {
    await expectConforms(
      {
        opset: 19,
        inputs: [{ name: "x", shape: ["n", 4] }],
        outputs: ["y", "z"],
        constants: [
          { name: "whole", shape: [1], values: [0], integers: true },
          { name: "truth", shape: [1], values: [0], type: "bool" },
        ],
        nodes: [
          { op: "CastLike", inputs: ["x", "whole"], outputs: ["y"] },
          { op: "CastLike", inputs: ["x", "truth"], outputs: ["z"] },
        ],
      },
      { inputs: [int8], exact: true },
    );
  });

  it("takes scalars, and folds what is known", async () => {
    await expectConforms(
      {
        inputs: [{ name: "x", shape: [] }],
        outputs: ["y"],
        constants: [
          { name: "a", shape: [], values: [-2.5] },
          { name: "b", shape: [], values: [1.5] },
        ],
        nodes: [
          { op: "Abs", inputs: ["a"], outputs: ["a1"] },
          { op: "Pow", inputs: ["a1", "b"], outputs: ["p"] },
          { op: "Round", inputs: ["a"], outputs: ["r"] },
          { op: "Greater", inputs: ["p", "r"], outputs: ["more"] },
          { op: "Where", inputs: ["more", "p", "r"], outputs: ["w"] },
          { op: "Tanh", inputs: ["w"], outputs: ["t"] },
          { op: "Mul", inputs: ["x", "t"], outputs: ["y"] },
        ],
      },
      { inputs: [int8], tolerance: 0.01 },
    );
  });

  it("Clip refuses a minimum above its maximum", () => {
    const onnx = buildOnnx(oneNode("Clip", 7, { min: { float: 2 }, max: { float: 1 } }));
    expect(() => compile(onnx, { name: "op" })).to.throw("min 2 is above max 1");
  });

  it("Cast refuses strings", () => {
    const onnx = buildOnnx(oneNode("Cast", 13, { to: TYPES.string }));
    expect(() => compile(onnx, { name: "op" })).to.throw("casting to string is not supported");
  });
});

describe("the Circom source of tables", function () {
  this.timeout(60_000);

  for (const [what, bits] of [
    ["looked up by bits", 8],
    ["of straight pieces", 16],
  ] as const)
    it(`is the same circuit for one ${what}`, async () => {
      const inputs = [{ kind: "int", bits, decimals: 3 }] as const;
      const { graph } = compile(buildOnnx(oneNode("Sigmoid", 13, {})), { name: "table", inputs });
      const circuit = lower(graph);
      const kinds = new Set(circuit.program.blocks.flatMap(({ gadgets }) => gadgets.map(({ kind }) => kind)));
      expect(kinds.has("segments")).to.equal(bits === 16);
      const { system, symbols } = await compileCircom(emitCircom(circuit), { name: "table" });
      const wireMap = symbolNames(circuit).map((name) => symbols.get(name) ?? -1);
      expect(compareSystems(circuit.system, system, wireMap)).to.deep.equal([]);
    });
});
