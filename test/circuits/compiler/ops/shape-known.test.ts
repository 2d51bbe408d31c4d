import { expect } from "chai";

import { compile } from "../../../../circuits/compiler/index.ts";
import { buildOnnx, type TestConstant, type TestNode, TYPES } from "../build-onnx.ts";
import { expectConforms } from "../conformance.ts";
import { vector, WHOLE, whole } from "./node-case.ts";

/** Nodes that compute "k" from constants, which is then added to the input. */
async function expectKnown(
  shape: readonly number[],
  nodes: readonly TestNode[],
  constants: readonly TestConstant[] = [],
  opset = 13,
): Promise<void> {
  const { graph } = await expectConforms(
    {
      opset,
      inputs: [{ name: "x", shape }],
      outputs: ["y"],
      constants,
      nodes: [
        ...nodes,
        { op: "Cast", inputs: ["k"], outputs: ["real"], attributes: { to: TYPES.float } },
        { op: "Add", inputs: ["x", "real"], outputs: ["y"] },
      ],
    },
    { ...WHOLE, draws: 2 },
  );
  expect(graph.layers.every(({ kind }) => kind === "linear")).to.equal(true);
}

describe("what is known when a model compiles", function () {
  this.timeout(60_000);

  it("Shape gives sizes, from start to end", async () => {
    await expectKnown([1, 2], [{ op: "Shape", inputs: ["x"], outputs: ["k"] }], [], 7);
    for (const attributes of [{ start: 1 }, { end: -1 }, { start: -1, end: 9 }])
      await expectKnown([1, 1], [{ op: "Shape", inputs: ["x"], outputs: ["k"], attributes }], [], 15);
  });

  it("Size counts elements", () => expectKnown([2, 3], [{ op: "Size", inputs: ["x"], outputs: ["k"] }]));

  it("ConstantOfShape fills with its value, or with 0", async () => {
    const tensor = { shape: [1], values: [7], type: "int32" } as const;
    const node = { op: "ConstantOfShape", inputs: ["s"], outputs: ["k"] };
    await expectKnown([2, 3], [{ ...node, attributes: { value: { tensor } } }], [vector("s", [2, 3])]);
    await expectKnown([2, 3], [node], [vector("s", [1, 3])]);
    await expectKnown([2, 3], [{ ...node, attributes: { value: { tensor } } }], [vector("s", [])]);
  });

  it("Range counts up and down, in integers and fractions", async () => {
    const range: TestNode = { op: "Range", inputs: ["from", "to", "step"], outputs: ["k"] };
    const whole1 = (from: number, to: number, step: number): TestConstant[] => [
      whole("from", [], [from]),
      whole("to", [], [to]),
      whole("step", [], [step]),
    ];
    await expectKnown([1, 3], [range], whole1(2, 8, 2));
    await expectKnown([1, 3], [range], whole1(2, -6, -3));
    await expectKnown(
      [1, 3],
      [range],
      [
        { name: "from", shape: [], values: [0.5] },
        { name: "to", shape: [], values: [1.75] },
        { name: "step", shape: [], values: [0.5] },
      ],
    );
    await expectKnown(
      [1, 4],
      [range],
      [
        { name: "from", shape: [], values: [0] },
        { name: "to", shape: [], values: [Math.fround(0.3)] },
        { name: "step", shape: [], values: [Math.fround(0.1)] },
      ],
    );
  });

  it("EyeLike takes the shape of what is computed", async () => {
    for (const attributes of [{}, { k: 1 }, { k: -1, dtype: TYPES.int64 }])
      await expectKnown([2, 3], [{ op: "EyeLike", inputs: ["x"], outputs: ["k"], attributes }]);
  });

  it("Constant takes every kind of value", async () => {
    const values = [
      { value: { tensor: { shape: [3], values: [1, 2, 3] } } },
      { value_float: { float: 1.5 } },
      { value_floats: { floats: [1.5, 2, -3] } },
      { value_int: 4 },
      { value_ints: [4, 5, 6] },
      {
        sparse_value: {
          type: 11,
          sparseTensor: {
            values: { dims: [1], dataType: 1, floatData: [5] },
            indices: { dims: [1], dataType: 7, int64Data: [2] },
            dims: [3],
          },
        },
      },
    ];
    for (const attributes of values)
      await expectKnown([1, 3], [{ op: "Constant", inputs: [], outputs: ["k"], attributes }]);
  });

  it("NonZero names what is not zero", () =>
    expectKnown(
      [2, 3],
      [{ op: "NonZero", inputs: ["c"], outputs: ["k"] }],
      [{ name: "c", shape: [2, 2], values: [1, 0, -3, 2] }],
    ));

  it("Unique sorts, counts and finds", async () => {
    const constants = [{ name: "c", shape: [6], values: [2, 1, 1, 3, 4, 3] }];
    for (const [position, size] of [
      [0, 4],
      [1, 4],
      [2, 6],
      [3, 4],
    ] as const) {
      const outputs = ["", "", "", ""].map((name, at) => (at === position ? "k" : at === 0 ? "unused" : name));
      for (const sorted of [0, 1])
        await expectKnown([1, size], [{ op: "Unique", inputs: ["c"], outputs, attributes: { sorted } }], constants);
    }
    await expectKnown(
      [2, 2],
      [{ op: "Unique", inputs: ["c"], outputs: ["k"], attributes: { axis: 1 } }],
      [{ name: "c", shape: [2, 3], values: [2, 1, 2, 0, 5, 0] }],
    );
  });

  it("integers stay exact on their way through a computed shape", () =>
    expectConforms(
      {
        opset: 13,
        inputs: [{ name: "x", shape: [1, 3, 4] }],
        outputs: ["y"],
        constants: [
          vector("last", [2]),
          vector("minus", [-1]),
          whole("half", [], [2]),
          whole("zero", [], [0]),
          vector("axes", [0]),
        ],
        nodes: [
          { op: "Shape", inputs: ["x"], outputs: ["shape"] },
          { op: "Gather", inputs: ["shape", "last"], outputs: ["width"] },
          { op: "Div", inputs: ["width", "half"], outputs: ["halved"] },
          { op: "Gather", inputs: ["shape", "zero"], outputs: ["batch"] },
          { op: "Unsqueeze", inputs: ["batch", "axes"], outputs: ["first"] },
          { op: "Concat", inputs: ["first", "minus", "halved"], outputs: ["to"], attributes: { axis: 0 } },
          { op: "Reshape", inputs: ["x", "to"], outputs: ["y"] },
        ],
      },
      WHOLE,
    ));

  it("a value that is no number is refused", () => {
    const onnx = buildOnnx({
      inputs: [{ name: "x", shape: [1] }],
      outputs: ["y"],
      nodes: [
        { op: "Constant", inputs: [], outputs: ["k"], attributes: { value_strings: ["one"] } },
        { op: "Add", inputs: ["x", "k"], outputs: ["y"] },
      ],
    });
    expect(() => compile(onnx, { name: "bad" })).to.throw(/numbers/);
  });
});
