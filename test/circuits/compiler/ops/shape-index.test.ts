import { expect } from "chai";

import { compile } from "../../../../circuits/compiler/index.ts";
import { buildOnnx, TYPES } from "../build-onnx.ts";
import { type Conformance, expectConforms } from "../conformance.ts";
import { type NodeCase, nodeModel, vector, weights, WHOLE, whole, WHOLES } from "./node-case.ts";

const refuse = (given: NodeCase, message: RegExp): void => {
  expect(() => compile(buildOnnx(nodeModel(given)), { name: "bad" })).to.throw(message);
};

/** Two inputs of which the second holds indices in [-most, most]. */
const indexed = (most: number): Conformance => ({ ...WHOLES, most, draws: 12 });
const INDICES = TYPES.int64;
/** Indices in [0, 3]. */
const two: Conformance = { inputs: [{ kind: "uint", bits: 2, decimals: 0 }], exact: true };

describe("Gather, GatherElements and GatherND", function () {
  this.timeout(60_000);

  const KNOWN: readonly (readonly [string, NodeCase])[] = [
    [
      "Gather with a matrix of indices",
      { op: "Gather", shape: [1, 4, 2], constants: [whole("i", [2, 2], [0, -1, 2, 2])], attributes: { axis: 1 } },
    ],
    ["Gather with a scalar", { op: "Gather", shape: [3, 2], constants: [whole("i", [], [-2])] }],
    ["GatherElements", { op: "GatherElements", shape: [3, 3], constants: [whole("i", [2, 3], [1, 2, 0, 2, -3, 0])] }],
    [
      "GatherElements along the last axis",
      {
        op: "GatherElements",
        shape: [2, 2, 3],
        constants: [whole("i", [1, 2, 2], [1, 2, 0, -1])],
        attributes: { axis: 2 },
      },
    ],
    [
      "GatherND with full coordinates",
      { op: "GatherND", shape: [2, 3], constants: [whole("i", [2, 2], [0, 0, 1, -1])] },
    ],
    ["GatherND with blocks", { op: "GatherND", shape: [2, 3, 2], constants: [whole("i", [2, 1, 2], [0, 1, 1, 0])] }],
    [
      "GatherND with a batch",
      {
        op: "GatherND",
        shape: [2, 3, 2],
        constants: [whole("i", [2, 1], [1, 2])],
        attributes: { batch_dims: 1 },
        opset: 12,
      },
    ],
  ];
  for (const [name, given] of KNOWN) it(`take known indices: ${name}`, () => expectConforms(nodeModel(given), WHOLE));

  it("take computed indices into a table, as an embedding does", async () => {
    const { report } = await expectConforms(
      nodeModel({
        op: "Gather",
        shape: [1, 3],
        type: INDICES,
        constants: [weights("table", [4, 3])],
        order: ["table", "x"],
      }),
      { ...two, exact: false },
    );
    const rows = report.nodes.filter(({ op }) => op === "Gather").map(({ constraints }) => constraints);
    expect(rows.reduce((sum, count) => sum + count, 0)).to.equal(12);
  });

  it("take computed indices from the end", () =>
    expectConforms(
      nodeModel({
        op: "Gather",
        shape: [1, 3],
        type: INDICES,
        constants: [weights("table", [2, 2])],
        order: ["table", "x"],
      }),
      { inputs: [{ kind: "int", bits: 2, decimals: 0 }] },
    ));

  it("take computed indices into computed data", async () => {
    for (const axis of [0, 1])
      await expectConforms(
        nodeModel({
          op: "Gather",
          shape: [3, 3, 2],
          second: { shape: [2], type: INDICES },
          order: ["x", "z"],
          attributes: { axis },
        }),
        indexed(2),
      );
    await expectConforms(
      nodeModel({
        op: "GatherElements",
        shape: [3, 3],
        second: { shape: [3, 2], type: INDICES },
        order: ["x", "z"],
        attributes: { axis: 1 },
      }),
      indexed(2),
    );
    await expectConforms(
      nodeModel({ op: "GatherND", shape: [3, 3, 2], second: { shape: [2, 2], type: INDICES }, order: ["x", "z"] }),
      indexed(2),
    );
    await expectConforms(
      nodeModel({
        op: "GatherND",
        shape: [2, 3, 2],
        second: { shape: [2, 1], type: INDICES },
        order: ["x", "z"],
        attributes: { batch_dims: 1 },
      }),
      indexed(2),
    );
  });

  it("refuse known indices that are outside", () => {
    refuse({ op: "Gather", shape: [3], constants: [vector("i", [3])] }, /index 3 is outside/);
    refuse(
      { op: "GatherElements", shape: [3, 2], constants: [whole("i", [3, 3], new Array<number>(9).fill(0))] },
      /do not fit/,
    );
    refuse({ op: "GatherND", shape: [3], constants: [whole("i", [1, 2], [0, 0])] }, /do not fit/);
  });
});

describe("ScatterElements and ScatterND", function () {
  this.timeout(60_000);

  const updates = { name: "u", shape: [2, 3], values: [1, 5, -6, 2, 4, 3] };
  for (const reduction of ["none", "add", "mul", "max", "min"]) {
    it(`take known indices with reduction ${reduction}`, async () => {
      const elements = whole("i", [2, 3], reduction === "none" ? [0, 1, 2, 3, -1, 0] : [0, 1, 2, 0, -3, 0]);
      await expectConforms(
        nodeModel({
          op: "ScatterElements",
          shape: [4, 3],
          constants: [elements, updates],
          attributes: { reduction },
          opset: 18,
        }),
        { ...WHOLE, draws: 6 },
      );
      await expectConforms(
        nodeModel({
          op: "ScatterND",
          shape: [4, 3],
          second: { shape: [2, 3] },
          constants: [whole("i", [2, 1], reduction === "none" ? [1, -1] : [1, 1])],
          order: ["x", "i", "z"],
          attributes: { reduction },
          opset: 18,
        }),
        // A product of products is rounded in between.
        { ...WHOLES, draws: 6, exact: reduction !== "mul" },
      );
    });

    it(`take computed indices with reduction ${reduction}`, async () => {
      await expectConforms(
        nodeModel({
          op: "ScatterElements",
          shape: [3, 2],
          second: { shape: [2, 1], type: INDICES },
          constants: [{ name: "u", shape: [2, 1], values: [1, -2] }],
          order: ["x", "z", "u"],
          attributes: { reduction },
          opset: 18,
        }),
        { ...indexed(2), draws: 6 },
      );
      await expectConforms(
        nodeModel({
          op: "ScatterND",
          shape: [2, 2, 2],
          second: { shape: [2, 2], type: INDICES },
          constants: [{ name: "u", shape: [2, 2], values: [1, -2, 3, 2] }],
          order: ["x", "z", "u"],
          attributes: { reduction },
          opset: 18,
        }),
        { ...indexed(1), draws: 6 },
      );
    });
  }

  it("take an axis and no reduction in opset 11", () =>
    expectConforms(
      nodeModel({
        op: "ScatterElements",
        shape: [1, 5],
        constants: [whole("i", [1, 2], [1, 3]), { name: "u", shape: [1, 2], values: [9, 8] }],
        attributes: { axis: 1 },
        opset: 11,
      }),
      WHOLE,
    ));

  it("take the older name Scatter", () =>
    expectConforms(
      nodeModel({
        op: "Scatter",
        shape: [1, 5],
        constants: [whole("i", [1, 2], [1, 3]), { name: "u", shape: [1, 2], values: [9, 8] }],
        attributes: { axis: 1 },
        opset: 10,
      }),
      WHOLE,
    ));

  it("refuse shapes and reductions that do not fit", () => {
    const constants = [whole("i", [1, 2], [1, 3]), { name: "u", shape: [1, 2], values: [9, 8] }];
    refuse(
      { op: "ScatterElements", shape: [1, 5], constants, attributes: { axis: 1, reduction: "xor" }, opset: 18 },
      /"xor"/,
    );
    refuse({ op: "ScatterND", shape: [5], constants, opset: 18 }, /do not fit/);
  });
});

describe("OneHot", function () {
  this.timeout(60_000);

  const oneHot = (axis: number, depth = 3): NodeCase => ({
    op: "OneHot",
    shape: [2, 2],
    type: INDICES,
    constants: [whole("depth", [], [depth]), { name: "values", shape: [2], values: [-2, 5] }],
    attributes: { axis },
    opset: 11,
  });
  for (const axis of [-1, 0, 1])
    it(`takes computed indices, negative and outside, with axis ${axis}`, () =>
      expectConforms(nodeModel(oneHot(axis)), { inputs: [{ kind: "int", bits: 4, decimals: 0 }], exact: true }));

  it("takes no axis and indices that are never negative", () =>
    expectConforms(nodeModel({ ...oneHot(-1, 4), attributes: {} }), two));

  it("takes known indices", () =>
    expectConforms(
      {
        opset: 11,
        inputs: [{ name: "x", shape: [3, 3] }],
        outputs: ["y"],
        constants: [vector("i", [1, -1, 7]), whole("depth", [], [3]), { name: "values", shape: [2], values: [1, 4] }],
        nodes: [
          { op: "OneHot", inputs: ["i", "depth", "values"], outputs: ["hot"] },
          { op: "Mul", inputs: ["x", "hot"], outputs: ["y"] },
        ],
      },
      WHOLE,
    ));
});
