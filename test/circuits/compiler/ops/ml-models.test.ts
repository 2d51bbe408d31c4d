import { expect } from "chai";

import { compile, CompileError } from "../../../../circuits/compiler/index.ts";
import { buildOnnx, seededWeights, type TestAttribute, type TestModel } from "../build-onnx.ts";
import { type Conformance, expectConforms } from "../conformance.ts";
import { mlModel } from "./ml-ensembles.ts";

const inputs = [{ kind: "int", bits: 8, decimals: 1 }] as const;
const score = { kind: "int", bits: 64, decimals: 3 } as const;
const label = { kind: "label", bits: 8, decimals: 0 } as const;
const few: Conformance = { inputs, draws: 8, most: 60 };
const TRANSFORMS = ["NONE", "SOFTMAX", "LOGISTIC"];

const floats = (count: number, seed: number, scale = 1): { readonly floats: readonly number[] } => ({
  floats: seededWeights(count, seed, scale),
});
const classifier = (op: string, attributes: Record<string, TestAttribute>): TestModel =>
  mlModel(op, attributes, { features: 3, outputs: ["label", "scores"] });

describe("linear and vector machines of ai.onnx.ml", function () {
  this.timeout(60_000);

  it("classify by coefficients: two classes by one score, several by the largest", async () => {
    for (const post_transform of TRANSFORMS)
      for (const classes of [2, 3]) {
        const rows = classes === 2 ? 1 : 3;
        const attributes = {
          coefficients: floats(3 * rows, 5 + classes, 0.4),
          intercepts: floats(rows, 8),
          classlabels_ints: Array.from({ length: classes }, (_, at) => at),
          post_transform,
        };
        await expectConforms(classifier("LinearClassifier", attributes), { ...few, outputs: [label, score] });
      }
  });

  it("regress by coefficients, for several targets", async () => {
    const attributes = { coefficients: floats(6, 3), intercepts: floats(2, 4), targets: 2 };
    await expectConforms(mlModel("LinearRegressor", attributes, { features: 3 }), few);
  });

  it("regress by support vectors with every kernel", async () => {
    for (const [kernel_type, params] of [
      ["LINEAR", [0, 0, 0]],
      ["RBF", [0.05, 0, 0]],
      ["POLY", [0.2, 0.5, 2]],
      ["SIGMOID", [0.1, 0.2, 0]],
    ] as const) {
      const attributes = {
        kernel_type,
        kernel_params: { floats: params },
        support_vectors: floats(12, 31, 2),
        coefficients: floats(4, 37),
        rho: { floats: [0.3] },
        n_supports: 4,
      };
      const model = mlModel("SVMRegressor", attributes, { features: 3 });
      await expectConforms(model, { ...few, most: 30, draws: 16 });
    }
  });

  it("classify by support vectors: votes of pairs, and probabilities of two classes", async () => {
    const vectors = { kernel_type: "RBF", kernel_params: { floats: [0.05, 0, 0] }, support_vectors: floats(15, 41, 3) };
    const pair = {
      ...vectors,
      coefficients: floats(5, 43, 2),
      vectors_per_class: [2, 3],
      rho: { floats: [0.21] },
      classlabels_ints: [0, 1],
    };
    const probabilities = { ...pair, prob_a: { floats: [-1.3] }, prob_b: { floats: [0.2] } };
    const three = {
      ...vectors,
      coefficients: floats(10, 47, 2),
      vectors_per_class: [2, 1, 2],
      rho: floats(3, 53, 0.2),
      classlabels_ints: [0, 1, 2],
    };
    for (const attributes of [pair, probabilities, three, { ...pair, post_transform: "LOGISTIC" }])
      await expectConforms(classifier("SVMClassifier", attributes), { ...few, outputs: [label, score] });
  });

  it("refuse the probabilities of three classes and say what to do", () => {
    const attributes = {
      kernel_type: "LINEAR",
      support_vectors: floats(9, 1),
      coefficients: floats(6, 2),
      vectors_per_class: [1, 1, 1],
      rho: floats(3, 3),
      prob_a: floats(3, 4),
      prob_b: floats(3, 5),
      classlabels_ints: [0, 1, 2],
    };
    const refused = (): unknown => compile(buildOnnx(classifier("SVMClassifier", attributes)), { name: "x", inputs });
    expect(refused).to.throw(CompileError, /probability=False/);
  });
});

describe("preparation of features by ai.onnx.ml", function () {
  this.timeout(60_000);

  it("scales, normalizes, binarizes and imputes", async () => {
    const cases: readonly (readonly [op: string, attributes: Record<string, TestAttribute>])[] = [
      ["Scaler", { offset: { floats: [0.5, -1, 2] }, scale: { floats: [2, 0.25, -3] } }],
      ["Scaler", { offset: { floats: [0] }, scale: { floats: [0.125] } }],
      ["Binarizer", { threshold: { float: 0.5 } }],
      ["Imputer", { imputed_value_floats: { floats: [1, 2, 3] }, replaced_value_float: { float: NaN } }],
      ["Imputer", { imputed_value_floats: { floats: [1.5] }, replaced_value_float: { float: 2 } }],
      ["Normalizer", { norm: "L1" }],
      ["Normalizer", { norm: "L2" }],
    ];
    for (const [op, attributes] of cases) {
      const given = [
        [20, 20, -5],
        [5, 5, 5],
        [-20, 1, 6],
      ];
      await expectConforms(mlModel(op, attributes, { features: 3 }), { ...few, cases: given.map((row) => [row]) });
    }
    const positive = { ...few, inputs: [{ kind: "uint", bits: 8, decimals: 1 }] } as const;
    await expectConforms(mlModel("Normalizer", { norm: "MAX" }, { features: 3 }), positive);
  });

  it("extracts and joins columns, and encodes categories", async () => {
    const small = { inputs: [{ kind: "int", bits: 4, decimals: 0 }], draws: 10 } as const;
    await expectConforms(
      {
        inputs: [{ name: "x", shape: ["n", 3] }],
        outputs: ["y"],
        mlOpset: 1,
        constants: [{ name: "at", shape: [2], values: [2, 0], integers: true }],
        nodes: [
          { op: "ArrayFeatureExtractor", domain: "ai.onnx.ml", inputs: ["x", "at"], outputs: ["a"] },
          {
            op: "FeatureVectorizer",
            domain: "ai.onnx.ml",
            inputs: ["a", "x"],
            outputs: ["y"],
            attributes: { inputdimensions: [2, 3] },
          },
        ],
      },
      small,
    );
    const whole = (op: string, attributes: Record<string, TestAttribute>, mlOpset: number): TestModel => ({
      inputs: [{ name: "x", shape: [1, 2], type: 7 }],
      outputs: ["y"],
      mlOpset,
      nodes: [{ op, domain: "ai.onnx.ml", inputs: ["x"], outputs: ["y"], attributes }],
    });
    await expectConforms(whole("OneHotEncoder", { cats_int64s: [-3, 0, 7], zeros: 1 }, 1), small);
    const encoder = { keys_int64s: [-2, 0, 3, 5], values_int64s: [7, -1, 100_000_000, 2], default_int64: 4 };
    await expectConforms(whole("LabelEncoder", encoder, 2), { ...small, exact: true });
    const real = { keys_int64s: [1, 2], values_floats: { floats: [0.5, -2] }, default_float: { float: 8 } };
    await expectConforms(whole("LabelEncoder", real, 2), small);
  });

  it("names what a number stands for when an encoder gives texts", () => {
    const model: TestModel = {
      inputs: [{ name: "x", shape: [1], type: 7 }],
      outputs: ["y"],
      mlOpset: 2,
      nodes: [
        {
          op: "LabelEncoder",
          domain: "ai.onnx.ml",
          inputs: ["x"],
          outputs: ["y"],
          attributes: { keys_int64s: [4, 9], values_strings: ["no", "yes"], default_string: "maybe" },
        },
      ],
    };
    const { report, outputs } = compile(buildOnnx(model), {
      name: "texts",
      inputs: [{ kind: "uint", bits: 8, decimals: 0 }],
    });
    expect(outputs[0]?.kind).to.equal("label");
    expect(report.warnings).to.include('output "y" is a label: 0 = no, 1 = yes, 2 = maybe');
  });
});
