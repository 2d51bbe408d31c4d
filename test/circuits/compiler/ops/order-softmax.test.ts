import { expect } from "chai";

import { lower } from "../../../../circuits/compiler/index.ts";
import type { TestConstant, TestModel, TestNode } from "../build-onnx.ts";
import { type Conformance, expectConforms } from "../conformance.ts";
import { expectTranslates } from "../translation.ts";

const byte: Conformance = { inputs: [{ kind: "int", bits: 8, decimals: 1 }], most: 40 };
const SIZE = 4;

/** Softmax of a square of scores after `nodes`, which take "x" and give "s". */
function softmaxAfter(nodes: readonly TestNode[], constants: readonly TestConstant[], op = "Softmax"): TestModel {
  return {
    opset: 13,
    inputs: [{ name: "x", shape: [SIZE, SIZE] }],
    outputs: ["y"],
    constants,
    nodes: [...nodes, { op, inputs: ["s"], outputs: ["y"], attributes: { axis: -1 } }],
  };
}

/** What a causal mask puts where a position would see later ones. */
const triangle = (value: number, shown: number): number[] =>
  Array.from({ length: SIZE ** 2 }, (_, at) => (at % SIZE > Math.floor(at / SIZE) ? value : shown));

const added = (value: number): TestModel =>
  softmaxAfter(
    [{ op: "Add", inputs: ["x", "mask"], outputs: ["s"] }],
    [{ name: "mask", shape: [SIZE, SIZE], values: triangle(value, 0) }],
  );

const chosen: TestModel = softmaxAfter(
  [{ op: "Where", inputs: ["mask", "x", "hidden"], outputs: ["s"] }],
  [
    { name: "mask", shape: [SIZE, SIZE], values: triangle(0, 1), type: "bool" },
    { name: "hidden", shape: [], values: [-Infinity] },
  ],
);

const MASKS: readonly (readonly [string, TestModel])[] = [
  ["-Infinity is added", added(-Infinity)],
  ["-1e9 is added", added(-1e9)],
  ["the lowest float is added", added(-3.4028234663852886e38)],
  ["-10000 is added", added(-10000)],
  ["-Infinity is chosen", chosen],
];

describe("a softmax", function () {
  this.timeout(60_000);

  for (const op of ["Softmax", "LogSoftmax"])
    for (const [opset, axis] of [
      [7, 1],
      [11, 2],
      [13, 1],
      [13, -1],
    ] as const)
      it(`is ${op} along axis ${axis} in opset ${opset}`, async () => {
        const model: TestModel = {
          opset,
          inputs: [{ name: "x", shape: [2, 3, 2] }],
          outputs: ["y"],
          nodes: [{ op, inputs: ["x"], outputs: ["y"], attributes: { axis } }],
        };
        await expectTranslates(model);
        await expectConforms(model, byte);
      });

  for (const [name, model] of MASKS)
    it(`leaves out what a known mask hides when ${name}`, async () => {
      await expectTranslates(model);
      const { graph } = await expectConforms(model, byte);
      const plain = await expectConforms(softmaxAfter([{ op: "Identity", inputs: ["x"], outputs: ["s"] }], []), byte);
      const rows = lower(graph).system.constraints.length;
      expect(rows).to.be.below(0.8 * lower(plain.graph).system.constraints.length);
    });

  it("shares evenly where a mask hides everything", async () => {
    const all = softmaxAfter(
      [{ op: "Add", inputs: ["x", "mask"], outputs: ["s"] }],
      [{ name: "mask", shape: [SIZE, SIZE], values: new Array<number>(SIZE ** 2).fill(-10000) }],
    );
    await expectTranslates(all, 4, 1e-3);
  });

  it("of one element is 1", () =>
    expectConforms(
      {
        opset: 13,
        inputs: [{ name: "x", shape: [2, 1] }],
        outputs: ["y"],
        nodes: [
          { op: "Softmax", inputs: ["x"], outputs: ["p"] },
          { op: "Add", inputs: ["p", "x"], outputs: ["y"] },
        ],
      },
      byte,
    ));

  it("takes a mask that is an input", () => {
    const masked = softmaxAfter(
      [
        { op: "Sub", inputs: ["one", "m"], outputs: ["off"] },
        { op: "Mul", inputs: ["off", "far"], outputs: ["bias"] },
        { op: "Add", inputs: ["x", "bias"], outputs: ["s"] },
      ],
      [
        { name: "one", shape: [], values: [1] },
        { name: "far", shape: [], values: [-10000] },
      ],
    );
    return expectConforms(
      { ...masked, inputs: [...masked.inputs, { name: "m", shape: [SIZE] }] },
      { inputs: [...(byte.inputs ?? []), { kind: "uint", bits: 1, decimals: 0 }], most: 40 },
    );
  });
});
