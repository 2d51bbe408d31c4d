import { expect } from "chai";

import { compile } from "../../../../circuits/compiler/index.ts";
import { xorshift } from "../../../../circuits/compiler/passes/xorshift.ts";
import { buildOnnx, type TestAttribute, type TestNode } from "../build-onnx.ts";
import { type Conformance, expectConforms } from "../conformance.ts";
import { ensembleAttributes, type EnsembleShape, mlModel } from "./ml-ensembles.ts";

const inputs = [{ kind: "int", bits: 8, decimals: 1 }] as const;
const score = { kind: "int", bits: 32, decimals: 4 } as const;
const label = { kind: "label", bits: 8, decimals: 0 } as const;
/** Scores of float32 leaves are rounded once here and at every leaf there. */
const close: Conformance = { inputs, tolerance: 0.0002 };
const ALL_MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"];

/** Thresholds that inputs with one decimal meet, float32 neighbours of them, and some beyond every input. */
const ties = (feature: number): number[] => [-1.5, -0.1, 0, 0.1, 0.3, 0.7, 1.1, 5 + feature, 100, -100];
const shape: EnsembleShape = { trees: 5, depth: 4, features: 4, seed: 17, thresholds: ties, stop: 0.1 };
/** Every value of one feature in turn, where ties are. */
const sweep = Array.from({ length: 40 }, (_, at) => [[at - 20, 20 - at, at % 13, (at % 4) * 3]]);

const classifier = (
  classes: number,
  of: Partial<EnsembleShape>,
  more: Record<string, TestAttribute> = {},
): ReturnType<typeof mlModel> =>
  mlModel(
    "TreeEnsembleClassifier",
    {
      ...ensembleAttributes("class", { ...shape, ...of }),
      classlabels_int64s: Array.from({ length: classes }, (_, at) => at),
      ...more,
    },
    { features: 4, outputs: ["label", "scores"] },
  );

describe("tree ensembles", function () {
  this.timeout(60_000);

  it("take ONNX Runtime's path at ties and extremes, in every mode of node", async () => {
    for (const modes of [...ALL_MODES.map((mode) => [mode]), ALL_MODES]) {
      const attributes = { ...ensembleAttributes("target", { ...shape, modes }), n_targets: 1 };
      const model = mlModel("TreeEnsembleRegressor", attributes, { features: 4 });
      await expectConforms(model, { ...close, outputs: [score], cases: sweep });
    }
  });

  it("sum, average and take the least and the largest of trees, for several targets", async () => {
    for (const aggregate of ["SUM", "AVERAGE", "MIN", "MAX"]) {
      const trees = ensembleAttributes("target", { ...shape, targets: () => [0, 1, 2] });
      const attributes = {
        ...trees,
        n_targets: 3,
        aggregate_function: aggregate,
        base_values: { floats: [0.25, -1, 3] },
      };
      const model = mlModel("TreeEnsembleRegressor", attributes, { features: 4 });
      await expectConforms(model, { ...close, outputs: [score], draws: 10 });
    }
  });

  it("answer with the first largest of several classes, and with scores after every transform", async () => {
    for (const transform of ["NONE", "SOFTMAX", "LOGISTIC"]) {
      const model = classifier(3, { trees: 6, targets: (tree) => [tree % 3] }, { post_transform: transform });
      await expectConforms(model, { inputs, tolerance: 0.005, outputs: [label, score], draws: 10 });
    }
    const withBase = classifier(3, { targets: () => [0, 1, 2] }, { base_values: { floats: [0.5, 0, -0.125] } });
    await expectConforms(withBase, { ...close, outputs: [label, score] });
  });

  it("decide between two classes as ONNX Runtime does, whatever the leaves count for", async () => {
    const probability = (next: () => number): number => next() / 5;
    for (const transform of ["NONE", "LOGISTIC", "SOFTMAX"])
      for (const weight of [undefined, probability])
        for (const targets of [[0], [1], [0, 1]]) {
          const of = { targets: () => targets, ...(weight && { weight }) };
          const model = classifier(2, of, { post_transform: transform });
          await expectConforms(model, { inputs, tolerance: 0.005, outputs: [label, score], draws: 6, unique: false });
        }
    for (const base of [[0.1], [0.1, -0.25]])
      for (const targets of [[0], [0, 1]]) {
        const model = classifier(2, { targets: () => targets }, { base_values: { floats: base } });
        await expectConforms(model, { ...close, outputs: [label, score], draws: 6, unique: false });
      }
  });

  it("answer with other integers than positions, and with the positions of texts", async () => {
    const ints = classifier(3, { targets: () => [0, 1, 2] }, { classlabels_int64s: [10, 7, 42] });
    await expectConforms(ints, { ...close, outputs: [{ kind: "int", bits: 8, decimals: 0 }, score] });
    const trees = ensembleAttributes("class", { ...shape, targets: () => [0, 1, 2] });
    const texts = mlModel(
      "TreeEnsembleClassifier",
      { ...trees, classlabels_strings: ["setosa", "versicolor", "virginica"] },
      { features: 4, outputs: ["label", "scores"] },
    );
    const { outputs, report } = compile(buildOnnx(texts), { name: "iris", inputs });
    expect(outputs[0]).to.deep.include({ kind: "label", bits: 8 });
    expect(report.warnings).to.include('output "label" is a label: 0 = setosa, 1 = versicolor, 2 = virginica');
  });

  it("take thresholds and weights from tensors", () => {
    const lists: Record<string, TestAttribute> = { ...ensembleAttributes("target", shape), n_targets: 1 };
    const tensors = Object.fromEntries(
      Object.entries(lists).map(([name, list]): [string, TestAttribute] => {
        if (typeof list !== "object" || !("floats" in list)) return [name, list];
        const values = [...(list.floats ?? [])];
        return [`${name}_as_tensor`, { tensor: { shape: [values.length], values } }];
      }),
    );
    const [one, other] = [lists, tensors].map((attributes) => {
      const model = mlModel("TreeEnsembleRegressor", attributes, { features: 4 });
      return compile(buildOnnx(model), { name: "x", inputs, outputs: [score] }).graph.layers;
    });
    expect(one).to.deep.equal(other);
  });

  it("follow float32 steps in front of the trees to the last bit", async () => {
    const next = xorshift(5);
    // Thresholds that are exactly what some input becomes, one float32 above it, and one below it.
    const scaled = (z: number): number =>
      Math.fround(Math.fround(Math.fround(z / 10) - Math.fround(0.37)) * Math.fround(1.7));
    const near = [-90, -31, -3, 4, 12, 55, 101].map(scaled);
    const thresholds = near.flatMap((value) => [value, value * (1 + 2 ** -23), value * (1 - 2 ** -23)]);
    const before: TestNode[] = [
      { op: "Sub", inputs: ["x", "offset"], outputs: ["a"] },
      { op: "Mul", inputs: ["a", "scale"], outputs: ["b"] },
      { op: "Mul", inputs: ["b", "sign"], outputs: ["c"] },
    ];
    for (const sign of [1, -1]) {
      const attributes = ensembleAttributes("target", {
        ...shape,
        trees: 12,
        thresholds: () => thresholds.map((value) => sign * value),
        modes: ALL_MODES,
      });
      const regressor = { ...attributes, n_targets: 1 };
      await expectConforms(
        {
          inputs: [{ name: "x", shape: ["n", 4] }],
          outputs: ["y"],
          mlOpset: 3,
          constants: [
            { name: "offset", shape: [1], values: [0.37] },
            { name: "scale", shape: [4], values: [1.7, 1.7, 1.7, 1.7] },
            { name: "sign", shape: [], values: [sign] },
          ],
          nodes: [
            ...before,
            { op: "TreeEnsembleRegressor", domain: "ai.onnx.ml", inputs: ["c"], outputs: ["y"], attributes: regressor },
          ],
        },
        {
          ...close,
          outputs: [score],
          unique: false,
          cases: Array.from({ length: 200 }, () => [Array.from({ length: 4 }, () => Math.floor(next() * 256) - 128)]),
        },
      );
    }
  });

  it("work on what a layer computed", async () => {
    const trees = ensembleAttributes("target", { ...shape, thresholds: () => [-1.23456, 0.1234, 0.9, 2.5] });
    const attributes = { ...trees, n_targets: 1 };
    await expectConforms(
      {
        inputs: [{ name: "x", shape: ["n", 4] }],
        outputs: ["y"],
        mlOpset: 3,
        constants: [
          { name: "w", shape: [4, 4], values: Array.from({ length: 16 }, (_, at) => ((at * 7) % 5) / 4 - 0.5) },
        ],
        nodes: [
          { op: "MatMul", inputs: ["x", "w"], outputs: ["a"] },
          { op: "Relu", inputs: ["a"], outputs: ["b"] },
          { op: "TreeEnsembleRegressor", domain: "ai.onnx.ml", inputs: ["b"], outputs: ["y"], attributes },
        ],
      },
      { ...close, outputs: [score], draws: 40 },
    );
  });

  it("of 100 trees of depth 6 on 30 features cost at most 20,000 constraints", () => {
    const bins = Array.from({ length: 30 }, (_, feature) => {
      const next = xorshift((feature + 99) | 1);
      return Array.from({ length: 255 }, () => Math.floor(next() * 60_000) - 30_000.5);
    });
    const attributes = ensembleAttributes("class", {
      trees: 100,
      depth: 6,
      features: 30,
      seed: 3,
      thresholds: (feature) => bins[feature] ?? [],
    });
    const model = mlModel(
      "TreeEnsembleClassifier",
      { ...attributes, classlabels_int64s: [0, 1] },
      { features: 30, outputs: ["label", "scores"] },
    );
    const { report } = compile(buildOnnx(model), { name: "boosted", inputs: [{ kind: "int", bits: 16, decimals: 0 }] });
    expect(report.constraints).to.be.at.most(20_000);
    expect(report.constraints).to.equal(8922);
  });
});
