import { expectConforms } from "../conformance.ts";

const int8 = { kind: "int", bits: 8, decimals: 1 } as const;

const EXACT = [
  ["Relu", {}, 14],
  ["LeakyRelu", { alpha: { float: 0.25 } }, 16],
  ["ThresholdedRelu", { alpha: { float: 1.5 } }, 10],
  ["Shrink", { bias: { float: 0.5 }, lambd: { float: 1.5 } }, 9],
  ["Shrink", { bias: { float: 0.5 }, lambd: { float: 0.5 } }, 9],
  ["HardSigmoid", { alpha: { float: 0.25 }, beta: { float: 0.5 } }, 7],
] as const;

const SMOOTH = [
  ["Sigmoid", {}, 13],
  ["Tanh", {}, 13],
  ["Elu", { alpha: { float: 1.5 } }, 7],
  ["Celu", { alpha: { float: 2 } }, 12],
  ["Selu", {}, 7],
  ["Gelu", {}, 20],
  ["Gelu", { approximate: "tanh" }, 20],
  ["HardSwish", {}, 14],
  ["Mish", {}, 18],
  ["Softplus", {}, 7],
  ["Softsign", {}, 7],
  ["HardSigmoid", {}, 7],
] as const;

describe("activations", function () {
  this.timeout(60_000);

  for (const [op, attributes, opset] of EXACT)
    it(`${op} of ${JSON.stringify(attributes)} is exact, kinks included`, async () => {
      await expectConforms(
        {
          opset,
          inputs: [{ name: "x", shape: ["n", 2, 3] }],
          outputs: ["y"],
          nodes: [{ op, inputs: ["x"], outputs: ["y"], attributes }],
        },
        { inputs: [int8], tolerance: 0.006, cases: [[[15, 14, 16, -15, -14, -16]], [[-20, -21, 20, 5, 0, 1]]] },
      );
    });

  for (const [op, attributes, opset] of SMOOTH)
    it(`${op} of ${JSON.stringify(attributes)} is close on the whole range`, async () => {
      await expectConforms(
        {
          opset,
          inputs: [{ name: "x", shape: ["n", 2, 3] }],
          outputs: ["y"],
          constants: [{ name: "third", shape: [], values: [0.3] }],
          nodes: [
            { op: "Mul", inputs: ["x", "third"], outputs: ["small"] },
            { op, inputs: ["small"], outputs: ["y"], attributes },
          ],
        },
        { inputs: [int8] },
      );
    });

  it("PRelu takes known and computed slopes with broadcasting", async () => {
    await expectConforms(
      {
        opset: 16,
        inputs: [
          { name: "x", shape: ["n", 2, 3] },
          { name: "s", shape: ["n", 1, 3] },
        ],
        outputs: ["y", "z"],
        constants: [{ name: "k", shape: [2, 1], values: [0.25, -0.5] }],
        nodes: [
          { op: "PRelu", inputs: ["x", "k"], outputs: ["y"] },
          { op: "PRelu", inputs: ["x", "s"], outputs: ["z"] },
        ],
      },
      { inputs: [int8, int8] },
    );
  });

  for (const [opset, attributes] of [
    [11, {}],
    [13, {}],
    [13, { axis: 1 }],
  ] as const)
    it(`Hardmax of opset ${opset} with ${JSON.stringify(attributes)} marks the first largest`, async () => {
      await expectConforms(
        {
          opset,
          inputs: [{ name: "x", shape: [1, 2, 3] }],
          outputs: ["y"],
          nodes: [{ op: "Hardmax", inputs: ["x"], outputs: ["y"], attributes }],
        },
        { inputs: [int8], exact: true, cases: [[[4, 4, 1, -3, 9, 9]]] },
      );
    });
});
