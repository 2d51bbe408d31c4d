import { expect } from "chai";
import fc from "fast-check";

import { readModel } from "../../../../circuits/compiler/onnx/read-model.ts";
import { buildOnnx, describeModel, encodeModel, type TestModel, type TestNode } from "../build-onnx.ts";
import { addConstant, codesOf, problemsOf } from "./expect-problems.ts";

const relu = (from: string, to: string, name = `${from}-${to}`): TestNode => ({
  op: "Relu",
  name,
  inputs: [from],
  outputs: [to],
});

function model(nodes: readonly TestNode[], part: Partial<TestModel> = {}): Uint8Array {
  return buildOnnx({ inputs: [{ name: "x", shape: [1, 2] }], outputs: ["y"], nodes, ...part });
}

describe("nodes of a model file", () => {
  it("are sorted so that each follows its producers, and stay as they are when they do already", () => {
    const sorted = [relu("x", "a"), relu("x", "b"), relu("b", "c"), relu("a", "d"), relu("d", "y")];
    const names = (nodes: readonly TestNode[]) => readModel(model(nodes)).nodes.map(({ name }) => name);
    expect(names(sorted)).to.deep.equal(sorted.map(({ name }) => name));
    expect(names([...sorted].reverse())).to.deep.equal(["x-a", "a-d", "d-y", "x-b", "b-c"]);
  });

  it("come out in a valid order from any shuffle of any graph", () => {
    const graph = fc
      .array(fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 30 })
      .chain((parents) => {
        const nodes = parents.map((picks, index): TestNode => {
          const inputs = picks.map((pick) => (pick % (index + 1) === 0 ? "x" : `v${(pick % (index + 1)) - 1}`));
          return { op: "Sum", inputs, outputs: [`v${index}`] };
        });
        return fc.shuffledSubarray(nodes, { minLength: nodes.length });
      });
    fc.assert(
      fc.property(graph, (nodes) => {
        const known = new Set(["x"]);
        const read = readModel(model(nodes, { outputs: ["v0"] })).nodes;
        for (const node of read) {
          for (const input of node.inputs) expect(known.has(input)).to.equal(true);
          for (const output of node.outputs) known.add(output);
        }
        expect(read.length).to.equal(nodes.length);
      }),
    );
  });

  it("may be a chain longer than the stack, in the worst order", () => {
    const length = 20_000;
    const chain = Array.from({ length }, (_, index) => relu(index === 0 ? "x" : `v${index - 1}`, `v${index}`));
    const read = readModel(model(chain.reverse(), { outputs: [`v${length - 1}`] }));
    expect(read.nodes[0]?.inputs).to.deep.equal(["x"]);
  });

  it("may leave optional inputs and outputs out", () => {
    const nodes = [
      { op: "Clip", name: "cap", inputs: ["x", "", "c"], outputs: ["a"] },
      { op: "LSTM", name: "one", inputs: ["a"], outputs: ["", "h", ""] },
      { op: "LSTM", name: "two", inputs: ["h"], outputs: ["", "y", ""] },
    ];
    const read = readModel(model(nodes, { constants: [{ name: "c", shape: [], values: [1] }] }));
    expect(read.nodes[0]?.inputs).to.deep.equal(["x", "", "c"]);
    expect(read.nodes[2]?.outputs).to.deep.equal(["", "y", ""]);
  });

  it("without a name go by their first output that has one", () => {
    const read = readModel(model([{ op: "LSTM", inputs: ["x"], outputs: ["", "y"] }]));
    expect(read.nodes[0]?.name).to.equal("y");
  });

  it("must not depend on themselves; the cycle is named", () => {
    const bytes = model([
      relu("x", "a"),
      { op: "Add", name: "p", inputs: ["a", "r"], outputs: ["q"] },
      relu("q", "r"),
      relu("r", "y"),
    ]);
    expect(codesOf(bytes)).to.deep.equal(["GRAPH_CYCLE p"]);
    expect(problemsOf(bytes)[0]?.message).to.include('"q-r"').and.to.include('"p"');
    expect(codesOf(model([relu("y", "y", "self")]))).to.deep.equal(["GRAPH_CYCLE self"]);
  });

  it("must have unique outputs that are no inputs and no constants", () => {
    const nodes = [relu("x", "y", "one"), relu("x", "y", "two"), relu("y", "x", "three"), relu("y", "c", "four")];
    const bytes = model(nodes, { constants: [{ name: "c", shape: [], values: [1] }] });
    expect(codesOf(bytes)).to.deep.equal(["VALUE_DUPLICATE two", "VALUE_DUPLICATE three", "VALUE_DUPLICATE four"]);
    expect(problemsOf(bytes)[0]?.message).to.include('"one"');
  });

  it("must find every input; each that is missing is named with its node, and so is a graph output", () => {
    const nodes = [{ op: "Gemm", name: "dense", inputs: ["x", "w", "b"], outputs: ["a"] }, relu("a", "c", "last")];
    const bytes = model(nodes, { outputs: ["c", "lost"] });
    expect(codesOf(bytes)).to.deep.equal(["VALUE_MISSING dense", "VALUE_MISSING dense", "VALUE_MISSING lost"]);
    expect(problemsOf(bytes)[0]?.message).to.include('"w"');
  });

  it("are not said to miss an initializer that was found but could not be read", () => {
    const proto = describeModel(addConstant());
    const graph = { ...proto.graph, initializer: [{ name: "c", dims: [1], dataType: 1, dataLocation: 1 }] };
    expect(codesOf(encodeModel({ ...proto, graph }))).to.deep.equal(["FILE_EXTERNAL_DATA c"]);
  });

  it("must not find two initializers of one name", () => {
    const twice = { name: "c", shape: [], values: [1] };
    expect(codesOf(buildOnnx(addConstant({ constants: [twice, twice] })))).to.deep.equal(["VALUE_DUPLICATE c"]);
  });
});

describe("attributes of a node", () => {
  const attributesOf = (attributes: TestNode["attributes"]) => {
    const node = { op: "Anything", name: "n", inputs: ["x"], outputs: ["y"], ...(attributes && { attributes }) };
    return readModel(model([node])).nodes[0]?.attributes;
  };

  it("are read whatever their kind; types are left out", () => {
    const tensor = { dims: [2], dataType: 1, floatData: [1, 2] };
    const read = attributesOf({
      i: 3,
      f: { float: 2 },
      s: "SUM",
      is: [1, -2],
      fs: { floats: [0.5, NaN] },
      ss: ["a", "b"],
      t: { tensor: { shape: [], values: [4] } },
      ts: { type: 9, tensors: [tensor, tensor] },
      type: { type: 13, tp: { tensorType: { elemType: 1 } } },
    });
    expect([...(read?.keys() ?? [])]).to.deep.equal(["i", "f", "s", "is", "fs", "ss", "t", "ts"]);
    expect(["i", "f", "s", "is", "fs", "ss"].map((name) => read?.get(name))).to.deep.equal([
      3,
      2,
      "SUM",
      [1, -2],
      [0.5, NaN],
      ["a", "b"],
    ]);
    expect(read?.get("ts")).to.have.lengthOf(2);
  });

  it("are told by the field that is filled when the file leaves their kind out", () => {
    const read = attributesOf({
      ints: { ints: [1, 2] },
      text: { s: new TextEncoder().encode("same") },
      number: { f: 0.5 },
      flag: { i: 1 },
      tensor: { t: { dims: [], dataType: 1, floatData: [7] } },
    });
    expect(["ints", "text", "number", "flag"].map((name) => read?.get(name))).to.deep.equal([[1, 2], "same", 0.5, 1]);
    expect(read?.get("tensor")).to.have.property("whole", false);
  });

  it("name their node when they cannot be read", () => {
    const node = (attributes: NonNullable<TestNode["attributes"]>) =>
      model([{ op: "Anything", name: "n", inputs: ["x"], outputs: ["y"], attributes }]);
    expect(codesOf(node({ value: { tensor: { shape: [1], values: [NaN] } } }))).to.deep.equal(["VALUE_NOT_FINITE n"]);
    expect(codesOf(node({ ids: [2 ** 60] }))).to.deep.equal(["PRECISION_LOST n"]);
    expect(codesOf(node({ one: { tensor: { shape: [2], values: [1] } }, two: { type: 4 } }))).to.deep.equal([
      "FILE_TRUNCATED n",
      "TYPE_UNSUPPORTED n",
    ]);
  });
});
