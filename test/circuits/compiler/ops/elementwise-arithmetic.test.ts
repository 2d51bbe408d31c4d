import { expect } from "chai";

import { CompileError, compile } from "../../../../circuits/compiler/index.ts";
import { buildOnnx, type TestNode, TYPES } from "../build-onnx.ts";
import { expectConforms } from "../conformance.ts";

const int8 = { kind: "int", bits: 8, decimals: 1 } as const;
const whole = (bits: number) => ({ kind: "int", bits, decimals: 0 }) as const;

/** Binary operators on two inputs of int64 that broadcast, by name of the output. */
function onIntegers(nodes: readonly TestNode[], constants: Readonly<Record<string, readonly number[]>>) {
  return {
    opset: 18,
    inputs: [{ name: "x", shape: ["n", 2, 3], type: TYPES.int64 }],
    outputs: nodes.map((node) => node.outputs[0] ?? ""),
    constants: Object.entries(constants).map(([name, values]) => ({
      name,
      shape: [values.length],
      values,
      integers: true,
    })),
    nodes,
  };
}

describe("arithmetic element by element", function () {
  this.timeout(60_000);

  it("adds, subtracts and multiplies integers exactly, whatever their width", async () => {
    const nodes = ["Add", "Sub", "Mul"].flatMap((op) => [
      { op, inputs: ["x", "x"], outputs: [`${op}1`] },
      { op, inputs: ["k", "x"], outputs: [`${op}2`] },
    ]);
    await expectConforms(onIntegers(nodes, { k: [-7, 1, 1001] }), { inputs: [whole(16)], exact: true });
  });

  it("divides integers towards zero by any known divisor", async () => {
    const nodes = [
      { op: "Div", inputs: ["x", "k"], outputs: ["a"] },
      { op: "Div", inputs: ["x", "two"], outputs: ["b"] },
    ];
    const model = onIntegers(nodes, { k: [7, -3, 10], two: [4] });
    await expectConforms(model, {
      inputs: [whole(16)],
      exact: true,
      cases: [[[7, -3, 9, -7, 3, -10]], [[-8, -2, 19, 6, 4, -11]]],
    });
  });

  it("leaves remainders with the divisor's sign, or with the dividend's for fmod", async () => {
    const nodes = [
      { op: "Mod", inputs: ["x", "k"], outputs: ["python"] },
      { op: "Mod", inputs: ["x", "k"], outputs: ["c"], attributes: { fmod: 1 } },
    ];
    await expectConforms(onIntegers(nodes, { k: [7, -3, 8] }), {
      inputs: [whole(16)],
      exact: true,
      cases: [[[7, -3, 8, -7, 4, -9]]],
    });
  });

  it("leaves remainders of fractions with fmod", async () => {
    await expectConforms(
      {
        inputs: [{ name: "x", shape: ["n", 4] }],
        outputs: ["y"],
        constants: [{ name: "k", shape: [4], values: [1, 2.5, -0.5, 4] }],
        nodes: [{ op: "Mod", inputs: ["x", "k"], outputs: ["y"], attributes: { fmod: 1 } }],
      },
      { inputs: [int8], tolerance: 0.02 },
    );
  });

  it("divides fractions by constants, constants by fractions and fractions by fractions", async () => {
    await expectConforms(
      {
        inputs: [
          { name: "x", shape: ["n", 2, 3] },
          { name: "y", shape: ["n", 1, 3] },
        ],
        outputs: ["a", "b", "c"],
        constants: [
          { name: "k", shape: [3], values: [3, -0.7, 12] },
          { name: "four", shape: [], values: [4] },
        ],
        nodes: [
          { op: "Abs", inputs: ["y"], outputs: ["size"] },
          { op: "Add", inputs: ["size", "four"], outputs: ["positive"] },
          { op: "Neg", inputs: ["positive"], outputs: ["negative"] },
          { op: "Div", inputs: ["x", "k"], outputs: ["a"] },
          { op: "Div", inputs: ["k", "negative"], outputs: ["b"] },
          { op: "Div", inputs: ["x", "positive"], outputs: ["c"] },
        ],
      },
      { inputs: [int8, int8] },
    );
  });

  it("raises to known powers, and known bases to any power", async () => {
    const exponents = [1, 2, 3, 4, 0.5, -1, 1.7];
    await expectConforms(
      {
        inputs: [{ name: "x", shape: ["n", 2] }],
        outputs: [...exponents.map((_, at) => `y${at}`), "mixed", "base", "both"],
        constants: [
          ...exponents.map((value, at) => ({ name: `e${at}`, shape: [], values: [value] })),
          { name: "each", shape: [2], values: [0, -0.5] },
          { name: "two", shape: [], values: [2] },
        ],
        nodes: [
          { op: "Abs", inputs: ["x"], outputs: ["size"] },
          { op: "Add", inputs: ["size", "e0"], outputs: ["positive"] },
          ...exponents.map((_, at) => ({ op: "Pow", inputs: ["positive", `e${at}`], outputs: [`y${at}`] })),
          { op: "Pow", inputs: ["positive", "each"], outputs: ["mixed"] },
          { op: "Pow", inputs: ["two", "x"], outputs: ["base"] },
          { op: "Pow", inputs: ["positive", "x"], outputs: ["both"] },
        ],
      },
      { inputs: [{ kind: "int", bits: 4, decimals: 1 }], draws: 12 },
    );
  });

  it("raises integers to known powers exactly", async () => {
    const nodes = [
      { op: "Pow", inputs: ["x", "k"], outputs: ["y"] },
      { op: "Pow", inputs: ["x", "five"], outputs: ["z"] },
    ];
    await expectConforms(onIntegers(nodes, { k: [0, 2, 3], five: [5] }), { inputs: [whole(4)], exact: true });
  });

  it("shifts bits and flips them as unsigned integers do", async () => {
    await expectConforms(
      {
        opset: 18,
        inputs: [{ name: "x", shape: ["n", 3], type: TYPES.uint8 }],
        outputs: ["left", "right", "not"],
        constants: [{ name: "k", shape: [3], values: [0, 3, 7], type: "uint8" }],
        nodes: [
          { op: "BitShift", inputs: ["x", "k"], outputs: ["left"], attributes: { direction: "LEFT" } },
          { op: "BitShift", inputs: ["x", "k"], outputs: ["right"], attributes: { direction: "RIGHT" } },
          { op: "BitwiseNot", inputs: ["x"], outputs: ["not"] },
        ],
      },
      { inputs: [{ kind: "uint", bits: 8, decimals: 0 }], exact: true },
    );
  });

  it("rounds down, up and half to even, ties too", async () => {
    await expectConforms(
      {
        inputs: [{ name: "x", shape: ["n", 5] }],
        outputs: ["floor", "ceil", "round", "quarters", "down"],
        constants: [
          { name: "half", shape: [], values: [0.5] },
          { name: "third", shape: [], values: [0.25] },
        ],
        nodes: [
          { op: "Floor", inputs: ["x"], outputs: ["floor"] },
          { op: "Ceil", inputs: ["x"], outputs: ["ceil"] },
          { op: "Round", inputs: ["x"], outputs: ["round"] },
          { op: "Mul", inputs: ["x", "half"], outputs: ["halves"] },
          { op: "Round", inputs: ["halves"], outputs: ["quarters"] },
          { op: "Mul", inputs: ["x", "third"], outputs: ["thirds"] },
          { op: "Floor", inputs: ["thirds"], outputs: ["down"] },
        ],
      },
      {
        inputs: [int8],
        exact: true,
        cases: [[[-25, -15, -5, 5, 15]], [[25, 35, -35, 1, -1]], [[10, 30, 50, -10, -30]], [[-50, 40, 120, -120, 100]]],
      },
    );
  });

  for (const [what, code, nodes] of [
    ["a division by zero", "OPERAND_UNSUPPORTED", [{ op: "Div", inputs: ["x", "zero"], outputs: ["y"] }]],
    ["a modulus of zero", "OPERAND_UNSUPPORTED", [{ op: "Mod", inputs: ["x", "zero"], outputs: ["y"] }]],
    [
      "a computed shift of wide integers",
      "OPERAND_UNSUPPORTED",
      [{ op: "BitShift", inputs: ["x", "x"], outputs: ["y"], attributes: { direction: "LEFT" } }],
    ],
  ] as const)
    it(`refuses ${what} by name`, () => {
      const onnx = buildOnnx(onIntegers(nodes, { zero: [0] }));
      expect(() => compile(onnx, { name: "op" }))
        .to.throw(CompileError)
        .with.property("message")
        .that.includes(code);
    });
});
