import { expect } from "chai";

import { compile } from "../../../../circuits/compiler/index.ts";
import { buildOnnx, type TestGraph, type TestModel, TYPES } from "../build-onnx.ts";
import { expectConforms } from "../conformance.ts";
import { vector, WHOLE, whole } from "./node-case.ts";

const twice: TestGraph = {
  outputs: ["t"],
  constants: [{ name: "two", shape: [], values: [2] }],
  nodes: [{ op: "Mul", inputs: ["x", "two"], outputs: ["t"] }],
};
const row: TestGraph = {
  outputs: ["t"],
  constants: [vector("to", [-1])],
  nodes: [{ op: "Reshape", inputs: ["x", "to"], outputs: ["t"] }],
};
const unknown: TestGraph = { outputs: ["t"], nodes: [{ op: "RandomNormalLike", inputs: ["x"], outputs: ["t"] }] };

/** Whether x has 3 columns decides, as in what torch.jit.script exports. */
function byShape(thenBranch: TestGraph, elseBranch: TestGraph, columns = 3): TestModel {
  return {
    opset: 13,
    inputs: [{ name: "x", shape: [2, columns] }],
    outputs: ["y"],
    constants: [whole("one", [], [1]), whole("three", [], [3])],
    nodes: [
      { op: "Shape", inputs: ["x"], outputs: ["shape"] },
      { op: "Gather", inputs: ["shape", "one"], outputs: ["columns"] },
      { op: "Equal", inputs: ["columns", "three"], outputs: ["is3"] },
      {
        op: "If",
        name: "choice",
        inputs: ["is3"],
        outputs: ["r"],
        attributes: { then_branch: { graph: thenBranch }, else_branch: { graph: elseBranch } },
      },
      { op: "Neg", inputs: ["r"], outputs: ["y"] },
    ],
  };
}

describe("If", function () {
  this.timeout(60_000);

  it("takes the branch that a known condition names", async () => {
    for (const columns of [3, 4]) await expectConforms(byShape(twice, row, columns), WHOLE);
  });

  it("may be inside another", () => {
    const nested: TestGraph = {
      outputs: ["n"],
      nodes: [
        {
          op: "If",
          inputs: ["is3"],
          outputs: ["n"],
          attributes: { then_branch: { graph: row }, else_branch: { graph: twice } },
        },
      ],
    };
    return expectConforms(byShape(nested, twice), WHOLE);
  });

  it("may hold anything in the branch that is not taken", () => {
    expect(() => compile(buildOnnx(byShape(twice, unknown)), { name: "if" })).to.not.throw();
    expect(() => compile(buildOnnx(byShape(unknown, twice)), { name: "if" })).to.throw(/RandomNormalLike/);
  });

  const computed = (elseBranch: TestGraph): TestModel => ({
    opset: 13,
    inputs: [
      { name: "x", shape: [2, 3] },
      { name: "c", shape: [1], type: TYPES.bool },
    ],
    outputs: ["y"],
    nodes: [
      {
        op: "If",
        inputs: ["c"],
        outputs: ["y"],
        attributes: { then_branch: { graph: twice }, else_branch: { graph: elseBranch } },
      },
    ],
  });

  it("chooses by a computed condition between branches of one shape", () => {
    const squares: TestGraph = { outputs: ["t"], nodes: [{ op: "Mul", inputs: ["x", "x"], outputs: ["t"] }] };
    return expectConforms(computed(squares), {
      inputs: [
        { kind: "int", bits: 8, decimals: 0 },
        { kind: "uint", bits: 1, decimals: 0 },
      ],
      most: 50,
    });
  });

  it("refuses to choose between shapes", () => {
    expect(() => compile(buildOnnx(computed(row)), { name: "if" })).to.throw(/a circuit has one shape/);
  });
});

/** Adds x to a state that starts at 1, three times over, and collects what is on the way. */
const adding: TestGraph = {
  inputs: [
    { name: "step", shape: [], type: TYPES.int64 },
    { name: "go", shape: [], type: TYPES.bool },
    { name: "state", shape: [2] },
  ],
  outputs: ["on", "next", "each"],
  constants: [whole("two", [], [2])],
  nodes: [
    { op: "Add", inputs: ["state", "x"], outputs: ["next"] },
    { op: "Less", inputs: ["step", "two"], outputs: ["on"] },
    { op: "Mul", inputs: ["next", "x"], outputs: ["each"] },
  ],
};

function looping(body: TestGraph, inputs: readonly string[]): TestModel {
  return {
    opset: 13,
    inputs: [{ name: "x", shape: [2] }],
    outputs: ["y", "all"],
    constants: [
      whole("three", [], [3]),
      { name: "true", shape: [], values: [1], type: "bool" },
      { name: "one", shape: [2], values: [1, 1] },
    ],
    nodes: [{ op: "Loop", name: "steps", inputs, outputs: ["y", "all"], attributes: { body: { graph: body } } }],
  };
}

describe("Loop", function () {
  this.timeout(60_000);

  it("takes a known number of steps, or conditions that are known", async () => {
    for (const inputs of [
      ["three", "", "one"],
      ["three", "true", "one"],
      ["", "true", "one"],
    ])
      await expectConforms(looping(adding, inputs), { ...WHOLE, exact: false });
  });

  it("refuses a condition that is computed from inputs", () => {
    const nodes = [
      ...adding.nodes.filter(({ op }) => op !== "Less"),
      { op: "ReduceSum", inputs: ["x"], outputs: ["sum"], attributes: { keepdims: 0 } },
      { op: "Cast", inputs: ["sum"], outputs: ["on"], attributes: { to: TYPES.bool } },
    ];
    const onnx = buildOnnx(looping({ ...adding, nodes }, ["three", "", "one"]));
    expect(() => compile(onnx, { name: "loop" })).to.throw(/one number of steps/);
  });

  it("refuses what never ends", () => {
    const nodes = adding.nodes.map((node) =>
      node.op === "Less" ? { op: "Identity", inputs: ["go"], outputs: ["on"] } : node,
    );
    const onnx = buildOnnx(
      looping({ ...adding, nodes: nodes.slice(0, 2), outputs: ["on", "state"] }, ["", "true", "one"]),
    );
    expect(() => compile(onnx, { name: "loop" })).to.throw(/more than 4096 steps/);
  });

  it("names what its body cannot do once", () => {
    const nodes = [...adding.nodes.slice(0, 2), { op: "RandomNormalLike", inputs: ["x"], outputs: ["each"] }];
    const onnx = buildOnnx(looping({ ...adding, nodes }, ["three", "", "one"]));
    expect(() => compile(onnx, { name: "loop" })).to.throw(/^OP_UNSUPPORTED: RandomNormalLike[^\n]*$/);
  });
});

describe("Scan", function () {
  this.timeout(60_000);

  const body: TestGraph = {
    inputs: [
      { name: "state", shape: [2] },
      { name: "row", shape: [2] },
    ],
    outputs: ["next", "each"],
    nodes: [
      { op: "Add", inputs: ["state", "row"], outputs: ["next"] },
      { op: "Identity", inputs: ["next"], outputs: ["each"] },
    ],
  };
  const scanning = (shape: readonly number[], attributes: Readonly<Record<string, readonly number[]>>): TestModel => ({
    opset: 11,
    inputs: [{ name: "x", shape }],
    outputs: ["y", "all"],
    constants: [{ name: "zero", shape: [2], values: [0, 3] }],
    nodes: [
      {
        op: "Scan",
        inputs: ["zero", "x"],
        outputs: ["y", "all"],
        attributes: { body: { graph: body }, num_scan_inputs: 1, ...attributes },
      },
    ],
  });

  it("takes rows one after the other", () => expectConforms(scanning([3, 2], {}), WHOLE));

  it("takes other axes and directions", () =>
    expectConforms(
      scanning([2, 3], {
        scan_input_axes: [1],
        scan_input_directions: [1],
        scan_output_axes: [-1],
        scan_output_directions: [1],
      }),
      WHOLE,
    ));
});
