import { seededWeights } from "./build-onnx.ts";
import { ensembleAttributes } from "./ops/ml-ensembles.ts";
import { type Family, isFloat, pick, sizeOf } from "./random-graphs-draft.ts";

const softmax: Family = (draft, x, { seed }) => {
  const length = x.shape.at(-1) ?? 0;
  if (!isFloat(x) || length < 2 || length > 6 || sizeOf(x.shape) > 24 || x.most > 20) return null;
  return [draft.node("Softmax", [x], { most: 1 }, { axis: seed % 2 === 0 ? -1 : x.shape.length - 1 })];
};

const layerNormalization: Family = (draft, x, { seed }) => {
  const length = x.shape.at(-1) ?? 0;
  if (!isFloat(x) || length < 3 || length > 8 || sizeOf(x.shape) > 24) return null;
  const scale = draft.constant([length], seededWeights(length, seed));
  const bias = seed % 2 === 0 ? [] : [draft.constant([length], seededWeights(length, seed + 1))];
  const most = 1.5 * Math.sqrt(length) + 1.5;
  return [draft.node("LayerNormalization", [x, scale, ...bias], { most }, { axis: -1, epsilon: { float: 0.01 } })];
};

const quantize: Family = (draft, x, { seed }) => {
  if (!isFloat(x)) return null;
  const signed = seed % 2 === 0;
  const scale = draft.constant([], [x.most / pick([90, 128, 250], seed)]);
  const zero = draft.constant([], [signed ? (seed % 9) - 4 : 128], signed ? "int8" : "uint8");
  const quantized = draft.node("QuantizeLinear", [x, scale, zero], {});
  return [draft.node("DequantizeLinear", [quantized, scale, zero], { most: 3 * x.most })];
};

/** Decision trees ask for inputs themselves. */
const trees: Family = (draft, x, { seed }) => {
  const [batch = 0, features = 0] = x.shape;
  if (x.input !== true || x.shape.length !== 2 || batch !== 1) return null;
  const targets = 1 + (seed % 2);
  const attributes = {
    ...ensembleAttributes("target", {
      trees: 2 + (seed % 4),
      depth: 3,
      features,
      seed: seed + 1,
      stop: 0.2,
      thresholds: () => [-0.5, 0.1, 0.37, 1.13],
      modes: ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GT"],
      targets: (tree) => [tree % targets],
    }),
    n_targets: targets,
    post_transform: "NONE",
  };
  return [draft.node("TreeEnsembleRegressor", [x], { shape: [1, targets], most: 3 }, attributes, "ai.onnx.ml")];
};

export const COMPOSITE: Readonly<Record<string, Family>> = { softmax, layerNormalization, quantize, trees };
