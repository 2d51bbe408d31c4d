import type { CompileOptions } from "../../../circuits/compiler/index.ts";
import { ensembleAttributes, mlModel } from "./ops/ml-ensembles.ts";
import { buildMlp, buildOnnx, seededWeights, type TestModel } from "./build-onnx.ts";

/** A model for each op, small enough for the Circom compiler to take well under a second. */
export interface OpModel {
  readonly op: string;
  readonly onnx: Uint8Array;
  readonly options: CompileOptions;
}

const uint = (bits: number): CompileOptions => ({ name: "op", inputs: [{ kind: "uint", bits, decimals: 0 }] });
const int8: CompileOptions = { name: "op", inputs: [{ kind: "int", bits: 8, decimals: 1 }] };

const dense = (name: string, from: number, to: number, seed: number) => ({
  name,
  shape: [from, to],
  values: seededWeights(from * to, seed, 1),
});

function model(part: Omit<TestModel, "inputs"> & { readonly shape?: readonly number[] }): Uint8Array {
  return buildOnnx({ inputs: [{ name: "x", shape: ["n", ...(part.shape ?? [4])] }], ...part });
}

export const OP_MODELS: readonly OpModel[] = [
  { op: "Gemm, Relu and ArgMax", onnx: buildMlp([6, 9, 4], 3), options: uint(8) },
  { op: "Gemm and Relu on signed inputs with decimals", onnx: buildMlp([5, 7, 3], 11), options: int8 },
  { op: "Gemm with signed logits", onnx: buildMlp([3, 5, 9], 5, { argmax: false }), options: int8 },
  {
    op: "Gemm with one-bit inputs and two hidden layers",
    onnx: buildMlp([40, 8, 8, 5], 21),
    options: uint(1),
  },
  {
    op: "MatMul, Add, Sub, Mul and Div by constants",
    onnx: model({
      outputs: ["label"],
      constants: [
        dense("w", 4, 6, 2),
        { name: "b", shape: [6], values: seededWeights(6, 9) },
        { name: "c", shape: [], values: [0.5] },
        { name: "d", shape: [1, 6], values: [1, 2, 3, 4, 5, 6] },
      ],
      nodes: [
        { op: "Div", inputs: ["x", "c"], outputs: ["x2"] },
        { op: "MatMul", inputs: ["x2", "w"], outputs: ["a"] },
        { op: "Add", inputs: ["b", "a"], outputs: ["a1"] },
        { op: "Relu", inputs: ["a1"], outputs: ["h"] },
        { op: "Mul", inputs: ["d", "h"], outputs: ["m"] },
        { op: "Sub", inputs: ["b", "m"], outputs: ["s"] },
        { op: "ArgMax", inputs: ["s"], outputs: ["label"], attributes: { axis: -1 } },
      ],
    }),
    options: int8,
  },
  {
    op: "Add of two computed tensors",
    onnx: model({
      outputs: ["label"],
      constants: [dense("w", 4, 4, 8), dense("v", 4, 4, 18)],
      nodes: [
        { op: "MatMul", inputs: ["x", "w"], outputs: ["a"] },
        { op: "Relu", inputs: ["a"], outputs: ["h"] },
        { op: "Add", inputs: ["h", "x"], outputs: ["r"] },
        { op: "MatMul", inputs: ["r", "v"], outputs: ["z"] },
        { op: "ArgMax", inputs: ["z"], outputs: ["label"], attributes: { axis: 1, keepdims: 0 } },
      ],
    }),
    options: int8,
  },
  {
    op: "Clip with two bounds",
    onnx: model({
      outputs: ["y"],
      constants: [
        dense("w", 4, 5, 4),
        { name: "low", shape: [], values: [-1.5] },
        { name: "high", shape: [], values: [6] },
      ],
      nodes: [
        { op: "MatMul", inputs: ["x", "w"], outputs: ["a"] },
        { op: "Clip", inputs: ["a", "low", "high"], outputs: ["y"] },
      ],
    }),
    options: { ...int8, outputs: [{ kind: "int", bits: 16, decimals: 2 }] },
  },
  {
    op: "Clip with an upper bound only",
    onnx: model({
      outputs: ["y"],
      constants: [dense("w", 4, 5, 4), { name: "high", shape: [], values: [2] }],
      nodes: [
        { op: "MatMul", inputs: ["x", "w"], outputs: ["a"] },
        { op: "Clip", inputs: ["a", "", "high"], outputs: ["y"] },
      ],
    }),
    options: int8,
  },
  {
    op: "Flatten, Reshape, Squeeze, Unsqueeze, Identity, Dropout and Cast",
    onnx: model({
      shape: [2, 3],
      outputs: ["y"],
      constants: [
        { name: "to", shape: [2], values: [1, -1], integers: true },
        { name: "one", shape: [1], values: [1], integers: true },
        dense("w", 6, 3, 6),
      ],
      nodes: [
        { op: "Cast", inputs: ["x"], outputs: ["x1"], attributes: { to: 1 } },
        { op: "Unsqueeze", inputs: ["x1", "one"], outputs: ["x2"] },
        { op: "Squeeze", inputs: ["x2", "one"], outputs: ["x3"] },
        { op: "Flatten", inputs: ["x3"], outputs: ["x4"] },
        { op: "Reshape", inputs: ["x4", "to"], outputs: ["x5"] },
        { op: "Identity", inputs: ["x5"], outputs: ["x6"] },
        { op: "Dropout", inputs: ["x6"], outputs: ["x7"] },
        { op: "MatMul", inputs: ["x7", "w"], outputs: ["a"] },
        { op: "Relu", inputs: ["a"], outputs: ["h"] },
        { op: "ArgMax", inputs: ["h"], outputs: ["label"], attributes: { axis: 1, keepdims: 0 } },
        { op: "Cast", inputs: ["label"], outputs: ["y"], attributes: { to: 7 } },
      ],
    }),
    options: uint(4),
  },
  {
    op: "Softmax before ArgMax",
    onnx: model({
      outputs: ["label"],
      constants: [dense("w", 4, 5, 12)],
      nodes: [
        { op: "MatMul", inputs: ["x", "w"], outputs: ["a"] },
        { op: "Softmax", inputs: ["a"], outputs: ["p"], attributes: { axis: 1 } },
        { op: "ArgMax", inputs: ["p"], outputs: ["label"], attributes: { axis: 1 } },
      ],
    }),
    options: uint(8),
  },
  {
    op: "ArgMax over an inner axis",
    onnx: model({
      shape: [3, 2],
      outputs: ["label"],
      nodes: [{ op: "ArgMax", inputs: ["x"], outputs: ["label"], attributes: { axis: 1, keepdims: 0 } }],
    }),
    options: uint(2),
  },
  {
    op: "outputs of 16 bits that lie in two words",
    onnx: buildMlp([30, 3, 17], 33, { argmax: false }),
    options: {
      name: "op",
      inputs: [{ kind: "uint", bits: 8, decimals: 0 }],
      outputs: [{ kind: "int", bits: 32, decimals: 1 }],
    },
  },
  {
    op: "TreeEnsembleClassifier with three classes",
    onnx: buildOnnx(
      mlModel(
        "TreeEnsembleClassifier",
        {
          ...ensembleAttributes("class", {
            trees: 6,
            depth: 4,
            features: 4,
            seed: 29,
            thresholds: (feature) => [-5, -2.5, -0.3, 0, 0.3, 1.1, 4.7, 5 + feature],
            modes: ["BRANCH_LEQ", "BRANCH_EQ", "BRANCH_GT"],
            targets: (tree) => (tree % 2 === 0 ? [0, 1, 2] : [tree % 3]),
          }),
          classlabels_int64s: [0, 1, 2],
        },
        { features: 4, outputs: ["label", "scores"] },
      ),
    ),
    options: int8,
  },
];
