import { expectConforms } from "../conformance.ts";
import { TYPES } from "../build-onnx.ts";

const int8 = { kind: "int", bits: 8, decimals: 1 } as const;
const whole = { kind: "int", bits: 8, decimals: 0 } as const;
const TO_FLOAT = { to: TYPES.float };

describe("comparisons and logic", function () {
  this.timeout(60_000);

  for (const op of ["Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Equal"])
    it(`${op} tells neighbours and equals apart, between inputs, with constants on either side and broadcasting`, async () => {
      await expectConforms(
        {
          inputs: [
            { name: "x", shape: ["n", 2, 3] },
            { name: "y", shape: ["n", 1, 3] },
          ],
          outputs: ["a", "b", "c"],
          constants: [
            { name: "k", shape: [3], values: [-0.3, 0, 0.7] },
            { name: "s", shape: [], values: [1.1] },
          ],
          nodes: [
            { op, inputs: ["x", "y"], outputs: ["a"] },
            { op, inputs: ["x", "k"], outputs: ["b"] },
            { op, inputs: ["s", "y"], outputs: ["c"] },
          ],
        },
        {
          inputs: [int8, int8],
          exact: true,
          cases: [
            [
              [-3, 0, 7, 11, 11, -3],
              [-3, 0, 7],
            ],
            [
              [-2, 1, 8, -4, -1, 6],
              [11, 10, 12],
            ],
          ],
        },
      );
    });

  it("And, Or, Xor, Not and Equal of truth values follow their tables", async () => {
    const bit = { kind: "uint", bits: 1, decimals: 0 } as const;
    await expectConforms(
      {
        inputs: [
          { name: "x", shape: ["n", 4], type: TYPES.bool },
          { name: "y", shape: ["n", 4], type: TYPES.bool },
        ],
        outputs: ["and", "or", "xor", "not", "same", "known"],
        constants: [{ name: "k", shape: [4], values: [0, 1, 0, 1], type: "bool" }],
        nodes: [
          { op: "And", inputs: ["x", "y"], outputs: ["and"] },
          { op: "Or", inputs: ["x", "y"], outputs: ["or"] },
          { op: "Xor", inputs: ["x", "y"], outputs: ["xor"] },
          { op: "Not", inputs: ["x"], outputs: ["not"] },
          { op: "Equal", inputs: ["x", "y"], outputs: ["same"] },
          { op: "Xor", inputs: ["k", "y"], outputs: ["known"] },
        ],
      },
      {
        inputs: [bit, bit],
        exact: true,
        cases: [
          [
            [0, 0, 1, 1],
            [0, 1, 0, 1],
          ],
        ],
      },
    );
  });

  it("Where takes elements by known and by computed conditions", async () => {
    await expectConforms(
      {
        inputs: [
          { name: "x", shape: ["n", 3] },
          { name: "y", shape: ["n", 1] },
        ],
        outputs: ["a", "b", "c"],
        constants: [
          { name: "k", shape: [2, 3], values: [1, 0, 0, 0, 1, 1], type: "bool" },
          { name: "zero", shape: [], values: [0] },
          { name: "five", shape: [3], values: [5, 4, -3] },
        ],
        nodes: [
          { op: "Where", inputs: ["k", "x", "y"], outputs: ["a"] },
          { op: "Greater", inputs: ["x", "zero"], outputs: ["positive"] },
          { op: "Where", inputs: ["positive", "x", "y"], outputs: ["b"] },
          { op: "Where", inputs: ["positive", "five", "zero"], outputs: ["c"] },
        ],
      },
      { inputs: [int8, int8], exact: true },
    );
  });

  it("Where hides what a mask of minus infinity hides", async () => {
    await expectConforms(
      {
        inputs: [{ name: "x", shape: [1, 4] }],
        outputs: ["y"],
        constants: [
          { name: "seen", shape: [4], values: [1, 1, 0, 1], type: "bool" },
          { name: "never", shape: [], values: [-3.4028234663852886e38] },
        ],
        nodes: [
          { op: "Where", inputs: ["seen", "x", "never"], outputs: ["masked"] },
          { op: "Softmax", inputs: ["masked"], outputs: ["y"] },
        ],
      },
      { inputs: [int8], most: 40 },
    );
  });

  it("added and multiplied masks hide what they hide, and large offsets stay", async () => {
    await expectConforms(
      {
        inputs: [
          { name: "x", shape: [1, 4] },
          { name: "seen", shape: [1, 4] },
        ],
        outputs: ["y", "z", "far"],
        constants: [
          { name: "mask", shape: [4], values: [0, -1e9, 0, -1e9] },
          { name: "lowest", shape: [], values: [-3.4028234663852886e38] },
          { name: "one", shape: [], values: [1] },
          { name: "first", shape: [4], values: [1, 1, 1, 0] },
          { name: "offset", shape: [], values: [2 ** 31] },
          { name: "scale", shape: [], values: [2 ** -31] },
        ],
        nodes: [
          { op: "Add", inputs: ["x", "mask"], outputs: ["a"] },
          { op: "Softmax", inputs: ["a"], outputs: ["y"] },
          { op: "Sub", inputs: ["one", "seen"], outputs: ["hidden"] },
          { op: "Mul", inputs: ["hidden", "first"], outputs: ["some"] },
          { op: "Mul", inputs: ["some", "lowest"], outputs: ["b"] },
          { op: "Add", inputs: ["x", "b"], outputs: ["c"] },
          { op: "Softmax", inputs: ["c"], outputs: ["z"] },
          { op: "Add", inputs: ["x", "offset"], outputs: ["d"] },
          { op: "Mul", inputs: ["d", "scale"], outputs: ["far"] },
        ],
      },
      {
        inputs: [int8, { kind: "uint", bits: 1, decimals: 0 }],
        most: 40,
        tolerance: 0.02,
        cases: [
          [
            [10, 20, -5, 0],
            [1, 0, 1, 1],
          ],
        ],
      },
    );
  });

  it("Sign, Abs, Neg, Min and Max are exact, also on integers", async () => {
    const nodes = [
      { op: "Sign", inputs: ["x"], outputs: ["sign"] },
      { op: "Abs", inputs: ["x"], outputs: ["abs"] },
      { op: "Neg", inputs: ["x"], outputs: ["neg"] },
      { op: "Min", inputs: ["x", "y", "k"], outputs: ["min"] },
      { op: "Max", inputs: ["k", "x", "y"], outputs: ["max"] },
      { op: "Clip", inputs: ["x", "low", "top"], outputs: ["clip"] },
      { op: "Relu", inputs: ["x"], outputs: ["relu"] },
    ];
    const outputs = nodes.map((node) => node.outputs[0] ?? "");
    const constants = (type: "float" | "int32") => [
      { name: "k", shape: [3], values: [-4, 0, 3], type },
      { name: "low", shape: [], values: [-2], type },
    ];
    const top = { op: "ReduceMax", inputs: ["y"], outputs: ["top"], attributes: { keepdims: 0 } };
    for (const [type, spec] of [
      ["float", int8],
      ["int32", whole],
    ] as const)
      await expectConforms(
        {
          inputs: [
            { name: "x", shape: [1, 2, 3], type: TYPES[type] },
            { name: "y", shape: [1, 1, 1], type: TYPES[type] },
          ],
          opset: 14,
          outputs,
          constants: constants(type),
          nodes: [top, ...nodes],
        },
        { inputs: [spec, spec], exact: true },
      );
  });

  it("casts between truth values, integers and fractions", async () => {
    await expectConforms(
      {
        inputs: [{ name: "x", shape: ["n", 6] }],
        outputs: ["whole", "truth", "byte", "signed"],
        nodes: [
          { op: "Cast", inputs: ["x"], outputs: ["whole"], attributes: { to: TYPES.int64 } },
          { op: "Cast", inputs: ["x"], outputs: ["truth"], attributes: { to: TYPES.bool } },
          { op: "Cast", inputs: ["whole"], outputs: ["byte"], attributes: { to: TYPES.uint8 } },
          { op: "Mul", inputs: ["whole", "whole"], outputs: ["square"] },
          { op: "Cast", inputs: ["square"], outputs: ["signed"], attributes: { to: TYPES.int8 } },
        ],
      },
      { inputs: [int8], exact: true, cases: [[[-10, -9, -1, 9, 10, 11]]] },
    );
  });

  it("knows that nothing it computes is infinite or not a number", async () => {
    await expectConforms(
      {
        inputs: [{ name: "x", shape: ["n", 2] }],
        outputs: ["y"],
        nodes: [
          { op: "IsNaN", inputs: ["x"], outputs: ["nan"] },
          { op: "IsInf", inputs: ["x"], outputs: ["inf"] },
          { op: "Or", inputs: ["nan", "inf"], outputs: ["bad"] },
          { op: "Cast", inputs: ["bad"], outputs: ["number"], attributes: TO_FLOAT },
          { op: "Add", inputs: ["x", "number"], outputs: ["y"] },
        ],
      },
      { inputs: [int8], exact: true },
    );
  });
});
