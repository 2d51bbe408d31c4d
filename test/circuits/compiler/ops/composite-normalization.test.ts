import { seededWeights, type TestAttribute, type TestModel } from "../build-onnx.ts";
import { type Conformance, expectConforms } from "../conformance.ts";
import { expectTranslates } from "../translation.ts";

interface Given {
  readonly opset?: number;
  readonly attributes?: Readonly<Record<string, TestAttribute>>;
  /** Shapes of scale and bias. */
  readonly weights?: readonly (readonly number[])[];
  readonly outputs?: readonly string[];
}

function normalization(op: string, shape: readonly number[], given: Given = {}): TestModel {
  const { opset = 17, attributes = {}, weights = [], outputs = ["y"] } = given;
  const constants = weights.map((size, at) => ({
    name: `w${at}`,
    shape: size,
    values: seededWeights(
      size.reduce((product, length) => product * length, 1),
      5 + at,
    ).map((weight) => weight + (at === 0 ? 1 : 0)),
  }));
  return {
    opset,
    inputs: [{ name: "x", shape }],
    outputs,
    constants,
    nodes: [{ op, inputs: ["x", ...constants.map(({ name }) => name)], outputs, attributes }],
  };
}

const byte: Conformance = { inputs: [{ kind: "int", bits: 8, decimals: 1 }] };

const CASES: readonly (readonly [string, string, readonly number[], Given?])[] = [
  ["LayerNormalization", "along the last axis", [2, 5], { weights: [[5], [5]] }],
  ["LayerNormalization", "from an axis on, without a bias", [2, 2, 3], { weights: [[2, 3]], attributes: { axis: 1 } }],
  [
    "LayerNormalization",
    "with its mean and deviation",
    [2, 4],
    { weights: [[4], [4]], attributes: { epsilon: 0.5 }, outputs: ["y", "mean", "inverse"] },
  ],
  ["RMSNormalization", "along the last axis", [2, 5], { opset: 23, weights: [[5]] }],
  ["InstanceNormalization", "of two channels", [1, 2, 3, 2], { opset: 7, weights: [[2], [2]] }],
  [
    "GroupNormalization",
    "with a scale for each group",
    [1, 4, 3],
    { opset: 18, weights: [[2], [2]], attributes: { num_groups: 2 } },
  ],
  [
    "GroupNormalization",
    "with a scale for each channel",
    [1, 4, 3],
    { opset: 21, weights: [[4], [4]], attributes: { num_groups: 2 } },
  ],
  ["MeanVarianceNormalization", "over batch and space", [2, 2, 2, 3], { opset: 13 }],
  ["MeanVarianceNormalization", "over one axis", [2, 2, 4], { opset: 13, attributes: { axes: [2] } }],
  ["LpNormalization", "by the Euclidean norm", [2, 5], { opset: 7 }],
  [
    "LpNormalization",
    "by the sum of magnitudes, along the first axis",
    [3, 2],
    { opset: 7, attributes: { p: 1, axis: 0 } },
  ],
  [
    "LRN",
    "over neighbouring channels",
    [1, 5, 2, 2],
    { opset: 7, attributes: { size: 3, alpha: { float: 0.5 }, beta: { float: 0.6 }, bias: { float: 2 } } },
  ],
];

/** Of constants ONNX Runtime makes NaN of 0 / 0 here. */
const UNDEFINED_AT_0 = ["MeanVarianceNormalization"];

/** The model with something added that varies. */
function shifted(model: TestModel, shape: readonly number[]): TestModel {
  const count = shape.reduce((product, size) => product * size, 1);
  return {
    ...model,
    constants: [...(model.constants ?? []), { name: "ramp", shape, values: seededWeights(count, 31, 9) }],
    nodes: [
      { op: "Add", inputs: ["x", "ramp"], outputs: ["shifted"] },
      ...model.nodes.map((node) => ({
        ...node,
        inputs: node.inputs.map((input) => (input === "x" ? "shifted" : input)),
      })),
    ],
  };
}

for (const [op, name, shape, given] of CASES)
  describe(`${op} ${name}`, function () {
    this.timeout(60_000);

    it("means what ONNX Runtime computes", () => expectTranslates(normalization(op, shape, given)));

    it("stays close in integers", () => {
      const model = normalization(op, shape, given);
      return expectConforms(UNDEFINED_AT_0.includes(op) ? shifted(model, shape) : model, byte);
    });
  });
