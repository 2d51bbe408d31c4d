import { expect } from "chai";

import { compile } from "../../../../circuits/compiler/index.ts";
import { buildOnnx, type TestConstant, type TestModel, type TestNode } from "../build-onnx.ts";
import { expectConforms } from "../conformance.ts";
import { vector, WHOLE, whole } from "./node-case.ts";

const model = (nodes: readonly TestNode[], constants: readonly TestConstant[] = []): TestModel => ({
  opset: 14,
  inputs: [{ name: "x", shape: [1, 5, 2] }],
  outputs: ["y"],
  constants,
  nodes,
});
const join = (axis: number, new_axis = 0): TestNode => ({
  op: "ConcatFromSequence",
  inputs: ["s"],
  outputs: ["y"],
  attributes: { axis, new_axis },
});

describe("a sequence of tensors", function () {
  this.timeout(60_000);

  it("is split off a tensor and joined again", async () => {
    const splits: readonly (readonly [TestConstant[], number])[] = [
      [[], 1],
      [[whole("parts", [], [2])], 1],
      [[vector("parts", [1, 3, 1])], -2],
    ];
    for (const [parts, axis] of splits)
      await expectConforms(
        model(
          [
            {
              op: "SplitToSequence",
              inputs: ["x", ...parts.map(({ name }) => name)],
              outputs: ["s"],
              attributes: { axis },
            },
            join(1),
          ],
          parts,
        ),
        WHOLE,
      );
  });

  it("is joined along a new axis", () =>
    expectConforms(
      model([
        { op: "SplitToSequence", inputs: ["x"], outputs: ["s"], attributes: { axis: 1, keepdims: 0 } },
        join(-1, 1),
      ]),
      WHOLE,
    ));

  it("is built, changed and read at known places", () =>
    expectConforms(
      model(
        [
          { op: "Neg", inputs: ["x"], outputs: ["n"] },
          { op: "SequenceConstruct", inputs: ["x", "n"], outputs: ["a"] },
          { op: "SequenceInsert", inputs: ["a", "n", "zero"], outputs: ["b"] },
          { op: "SequenceInsert", inputs: ["b", "x"], outputs: ["c"] },
          { op: "SequenceErase", inputs: ["c", "back"], outputs: ["d"] },
          { op: "Identity", inputs: ["d"], outputs: ["s"] },
          { op: "SequenceAt", inputs: ["s", "back"], outputs: ["e"] },
          { op: "SequenceLength", inputs: ["s"], outputs: ["length"] },
          { op: "Cast", inputs: ["length"], outputs: ["count"], attributes: { to: 1 } },
          { op: "Mul", inputs: ["e", "count"], outputs: ["y"] },
        ],
        [whole("zero", [], [0]), whole("back", [], [-2])],
      ),
      WHOLE,
    ));

  it("is refused by operators on tensors, and has only the places it has", () => {
    const made: TestNode = { op: "SequenceConstruct", inputs: ["x"], outputs: ["s"] };
    const refuse = (node: TestNode, message: RegExp): void => {
      const onnx = buildOnnx(model([made, node], [whole("two", [], [2])]));
      expect(() => compile(onnx, { name: "bad" })).to.throw(message);
    };
    refuse({ op: "Relu", inputs: ["s"], outputs: ["y"] }, /is a sequence/);
    refuse({ op: "SequenceAt", inputs: ["x", "two"], outputs: ["y"] }, /is no sequence/);
    refuse({ op: "SequenceAt", inputs: ["s", "two"], outputs: ["y"] }, /no place 2/);
  });
});
