import { expect } from "chai";

import { compile } from "../../../../circuits/compiler/index.ts";
import { buildOnnx, type TestNode, TYPES } from "../build-onnx.ts";
import { expectConforms } from "../conformance.ts";
import { type NodeCase, nodeModel, vector, WHOLE, whole, WHOLES } from "./node-case.ts";

/** Bounds that exporters write for "to the end". */
const FAR = 2 ** 31 - 1;

const refuse = (given: NodeCase, message: RegExp): void => {
  expect(() => compile(buildOnnx(nodeModel(given)), { name: "bad" })).to.throw(message);
};

type Case = readonly [name: string, given: NodeCase];

const slice = (starts: number[], ends: number[], axes?: number[], steps?: number[]): NodeCase => ({
  op: "Slice",
  shape: [1, 4, 5],
  constants: [
    vector("starts", starts),
    vector("ends", ends),
    ...(axes === undefined ? [] : [vector("axes", axes)]),
    ...(steps === undefined ? [] : [vector("steps", steps)]),
  ],
});

const SLICES: readonly Case[] = [
  ["bounds as attributes", { op: "Slice", shape: [1, 4, 5], attributes: { starts: [0, 1], ends: [1, FAR] }, opset: 7 }],
  [
    "bounds and axes as attributes",
    { op: "Slice", shape: [1, 4, 5], attributes: { starts: [-3], ends: [-1], axes: [2] }, opset: 9 },
  ],
  ["operands for the first axes", slice([0, 1], [1, 3])],
  ["a negative axis and a far end", slice([2], [FAR], [-1])],
  ["a step", slice([1], [FAR], [2], [2])],
  ["a negative step to the beginning", slice([-1, FAR], [-FAR, -FAR], [2, 1], [-1, -2])],
  ["a negative step between bounds", slice([3], [0], [2], [-2])],
];

const pad = (mode: string, pads: number[], opset: number): NodeCase =>
  opset < 11
    ? { op: "Pad", shape: [1, 3, 4], attributes: { mode, pads, value: { float: 2 } }, opset }
    : { op: "Pad", shape: [1, 3, 4], attributes: { mode }, constants: [vector("pads", pads)], opset };

const PADS: readonly Case[] = [
  ["constant with attributes", pad("constant", [0, 1, 0, 0, 2, 1], 7)],
  ["reflect with attributes", pad("reflect", [0, 1, 3, 0, 2, 1], 10)],
  ["edge", pad("edge", [0, 2, 0, 0, 1, 5], 11)],
  ["reflect", pad("reflect", [0, 1, 3, 0, 2, 1], 13)],
  ["wrap", pad("wrap", [0, 1, 2, 0, 2, 3], 19)],
  ["no mode", { op: "Pad", shape: [1, 3], constants: [vector("pads", [0, 1, 0, 1])], opset: 13 }],
  ["negative pads", pad("constant", [0, -1, 2, 0, 0, -2], 13)],
  [
    "a value",
    {
      op: "Pad",
      shape: [1, 3],
      constants: [vector("pads", [0, 1, 0, 1]), { name: "value", shape: [], values: [-7] }],
      opset: 13,
    },
  ],
  [
    "axes",
    {
      op: "Pad",
      shape: [1, 3, 4],
      constants: [vector("pads", [1, 2]), { name: "value", shape: [], values: [3] }, vector("axes", [-2])],
      opset: 18,
    },
  ],
  [
    "axes without a value",
    {
      op: "Pad",
      shape: [1, 3, 4],
      constants: [vector("pads", [1, 0, 2, 1]), vector("axes", [2, 1])],
      order: ["x", "pads", "", "axes"],
      opset: 21,
    },
  ],
];

const PLAIN: readonly Case[] = [
  ["Transpose reverses the axes", { op: "Transpose", shape: [2, 3, 4], opset: 7 }],
  ["Transpose takes an order", { op: "Transpose", shape: [2, 3, 4], attributes: { perm: [2, 0, 1] }, opset: 21 }],
  ["Tile repeats", { op: "Tile", shape: [1, 2, 3], constants: [vector("repeats", [1, 3, 2])] }],
  ["Expand takes a larger shape", { op: "Expand", shape: [1, 3, 1], constants: [vector("shape", [2, 1, 3, 4])] }],
  ["Expand takes a smaller shape", { op: "Expand", shape: [2, 3], constants: [vector("shape", [1])] }],
  ["Trilu keeps the upper triangle", { op: "Trilu", shape: [2, 3, 4], opset: 14 }],
  [
    "Trilu keeps the lower triangle",
    { op: "Trilu", shape: [1, 4, 4], attributes: { upper: 0 }, constants: [whole("k", [], [-1])], opset: 14 },
  ],
  [
    "Trilu takes a diagonal above",
    { op: "Trilu", shape: [4, 3], attributes: { upper: 1 }, constants: [whole("k", [], [1])], opset: 14 },
  ],
  ["DepthToSpace takes DCR", { op: "DepthToSpace", shape: [1, 8, 2, 3], attributes: { blocksize: 2 }, opset: 7 }],
  [
    "DepthToSpace takes CRD",
    { op: "DepthToSpace", shape: [1, 8, 2, 3], attributes: { blocksize: 2, mode: "CRD" }, opset: 11 },
  ],
  ["SpaceToDepth", { op: "SpaceToDepth", shape: [1, 2, 4, 6], attributes: { blocksize: 2 }, opset: 7 }],
  [
    "ReverseSequence turns what the lengths say",
    { op: "ReverseSequence", shape: [4, 3, 2], constants: [vector("lengths", [1, 3, 4])], opset: 10 },
  ],
  [
    "ReverseSequence takes axes",
    {
      op: "ReverseSequence",
      shape: [2, 4],
      constants: [vector("lengths", [2, 4])],
      attributes: { batch_axis: 0, time_axis: 1 },
      opset: 10,
    },
  ],
  ["Flatten takes a negative axis", { op: "Flatten", shape: [2, 3, 4], attributes: { axis: -1 } }],
  ["Flatten takes axis 0", { op: "Flatten", shape: [2, 3], attributes: { axis: 0 }, opset: 7 }],
  ["Reshape copies and infers sizes", { op: "Reshape", shape: [2, 3, 4], constants: [vector("to", [0, -1])] }],
  ["Squeeze drops every 1", { op: "Squeeze", shape: [1, 3, 1] }],
  ["Squeeze takes axes as an attribute", { op: "Squeeze", shape: [1, 3, 1], attributes: { axes: [-1] }, opset: 11 }],
  ["Unsqueeze takes negative axes", { op: "Unsqueeze", shape: [2, 3], constants: [vector("axes", [-1, 0])] }],
  ["Identity", { op: "Identity", shape: [2, 3] }],
  [
    "Compress takes an axis",
    {
      op: "Compress",
      shape: [2, 3, 2],
      constants: [{ name: "condition", shape: [2], values: [0, 1], type: "bool" }],
      attributes: { axis: 1 },
      opset: 11,
    },
  ],
  [
    "Compress flattens without an axis",
    {
      op: "Compress",
      shape: [2, 3],
      constants: [{ name: "condition", shape: [5], values: [0, 1, 1, 0, 1], type: "bool" }],
      opset: 9,
    },
  ],
];

describe("an operator that moves elements", function () {
  this.timeout(60_000);

  for (const [name, given] of PLAIN) it(name, () => expectConforms(nodeModel(given), WHOLE));
  for (const [name, given] of SLICES) it(`Slice takes ${name}`, () => expectConforms(nodeModel(given), WHOLE));
  for (const [name, given] of PADS) it(`Pad takes ${name}`, () => expectConforms(nodeModel(given), WHOLE));

  it("Slice takes the last of all 64-bit integers", () => {
    const far = (name: string, value: bigint): TestNode => {
      const rawData = new Uint8Array(BigInt64Array.of(value).buffer);
      return {
        op: "Constant",
        inputs: [],
        outputs: [name],
        attributes: { value: { type: 4, t: { dims: [1], dataType: TYPES.int64, rawData } } },
      };
    };
    return expectConforms(
      {
        opset: 13,
        inputs: [{ name: "x", shape: [1, 4, 5] }],
        outputs: ["y"],
        constants: [vector("start", [2]), vector("axis", [1]), vector("back", [-1]), vector("end", [-1])],
        nodes: [
          far("most", 2n ** 63n - 1n),
          far("least", -(2n ** 63n)),
          { op: "Slice", inputs: ["x", "start", "most", "axis"], outputs: ["half"] },
          { op: "Slice", inputs: ["half", "end", "least", "end", "back"], outputs: ["y"] },
        ],
      },
      WHOLE,
    );
  });

  it("Pad takes a value that is computed", () =>
    expectConforms(
      nodeModel({
        op: "Pad",
        shape: [1, 3],
        second: { shape: [] },
        constants: [vector("pads", [0, 1, 0, 1])],
        order: ["x", "pads", "z"],
      }),
      WHOLES,
    ));

  it("Concat joins known and computed operands along any axis", async () => {
    for (const axis of [1, -1])
      await expectConforms(
        nodeModel({
          op: "Concat",
          shape: [1, 2, 3],
          second: { shape: axis === 1 ? [1, 1, 3] : [1, 2, 4] },
          constants: [{ name: "c", shape: [1, 2, 3], values: [1, 2, 3, 4, 5, 6] }],
          order: ["c", "z", "x", "c"],
          attributes: { axis },
        }),
        WHOLES,
      );
  });

  it("Concat joins twice the same", () =>
    expectConforms(
      nodeModel({ op: "Concat", shape: [1, 2], order: ["x", "x"], attributes: { axis: 0 }, opset: 7 }),
      WHOLE,
    ));

  const SPLITS: readonly Case[] = [
    ["equal parts", { op: "Split", shape: [1, 6], attributes: { axis: 1 }, opset: 7 }],
    ["sizes as an attribute", { op: "Split", shape: [1, 6], attributes: { axis: -1, split: [1, 2, 3] }, opset: 11 }],
    ["sizes as an operand", { op: "Split", shape: [6, 2], constants: [vector("split", [1, 4, 1])], opset: 13 }],
    ["num_outputs", { op: "Split", shape: [1, 8], attributes: { axis: 1, num_outputs: 3 }, opset: 18 }],
  ];
  for (const [name, given] of SPLITS)
    it(`Split takes ${name}`, () => expectConforms(nodeModel({ ...given, outputs: ["a", "b", "c"] }), WHOLE));

  it("Dropout passes on in inference, also with a mask", async () => {
    for (const opset of [7, 10, 12, 13])
      await expectConforms(nodeModel({ op: "Dropout", shape: [2, 3], opset }), WHOLE);
    await expectConforms(
      {
        opset: 13,
        inputs: [{ name: "x", shape: [2, 3] }],
        outputs: ["y"],
        nodes: [
          { op: "Dropout", inputs: ["x"], outputs: ["d", "mask"] },
          { op: "Cast", inputs: ["mask"], outputs: ["m"], attributes: { to: TYPES.float } },
          { op: "Sub", inputs: ["d", "m"], outputs: ["y"] },
        ],
      },
      WHOLE,
    );
  });

  it("keeps integers integers", () =>
    expectConforms(nodeModel({ op: "Transpose", shape: [2, 3], type: TYPES.int32 }), WHOLE));

  it("refuses what does not fit", () => {
    refuse({ op: "Transpose", shape: [2, 3], attributes: { perm: [0, 0] } }, /name each of 2 axes once/);
    refuse(
      { op: "Concat", shape: [2, 3], second: { shape: [3, 2] }, order: ["x", "z"], attributes: { axis: 0 } },
      /joined/,
    );
    refuse(
      { op: "Split", shape: [1, 5], constants: [vector("split", [2, 2])], attributes: { axis: 1 } },
      /do not divide/,
    );
    refuse(slice([0], [2], [5]), /axis 5 does not exist/);
    refuse(slice([0], [2], [1], [0]), /step of 0/);
    refuse(slice([0, 1], [2]), /differ in number/);
    refuse(pad("constant", [1, 1], 13), /need 6 pads/);
    refuse(pad("mirror", [0, 1, 0, 0, 0, 0], 13), /"mirror" is not known/);
    refuse({ op: "Tile", shape: [2, 3], constants: [vector("repeats", [2])] }, /1 repeats for 2 axes/);
    refuse(
      { op: "Tile", shape: [2], second: { shape: [1], type: TYPES.int64 }, order: ["x", "z"] },
      /must be a constant/,
    );
    refuse({ op: "Reshape", shape: [2, 3], constants: [vector("to", [4])] }, /cannot become/);
    refuse({ op: "DepthToSpace", shape: [1, 3, 2, 2], attributes: { blocksize: 2 } }, /do not divide 3 channels/);
    refuse({ op: "NonZero", shape: [3] }, /a circuit has one size/);
    refuse({ op: "Unique", shape: [3] }, /a circuit has one size/);
    refuse(
      {
        op: "Dropout",
        shape: [3],
        constants: [
          { name: "ratio", shape: [], values: [0.5] },
          { name: "training", shape: [], values: [1], type: "bool" },
        ],
      },
      /eval mode/,
    );
  });
});
