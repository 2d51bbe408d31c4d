import fc from "fast-check";

import type { CompileOptions } from "../../../circuits/compiler/index.ts";
import { buildOnnx, seededWeights, type TestConstant, type TestNode } from "./build-onnx.ts";

type Activation = "none" | "relu" | "clip" | "clip-low" | "clip-high";

interface Dense {
  readonly size: number;
  readonly style: "gemm" | "matmul";
  readonly transB: boolean;
  readonly alpha: number;
  readonly beta: number;
  readonly bias: boolean;
  readonly activation: Activation;
}

/** What a random network is drawn from; everything else follows. */
export interface MlpRecipe {
  readonly inputs: number;
  readonly layers: readonly Dense[];
  readonly argmax: boolean;
  readonly seed: number;
  readonly spread: number;
  readonly input: { readonly kind: "uint" | "int"; readonly bits: number; readonly decimals: number };
  readonly weightBits: number | undefined;
  readonly activationBits: number | undefined;
}

const dense: fc.Arbitrary<Dense> = fc.record({
  size: fc.integer({ min: 1, max: 6 }),
  style: fc.constantFrom("gemm", "matmul"),
  transB: fc.boolean(),
  alpha: fc.constantFrom(1, 0.5, -1.5),
  beta: fc.constantFrom(1, 2, 0.25),
  bias: fc.boolean(),
  activation: fc.constantFrom<Activation>("none", "relu", "relu", "clip", "clip-low", "clip-high"),
});

export const mlpRecipes: fc.Arbitrary<MlpRecipe> = fc.record({
  inputs: fc.integer({ min: 1, max: 6 }),
  layers: fc.array(dense, { minLength: 1, maxLength: 3 }),
  argmax: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  spread: fc.constantFrom(0.1, 1, 8),
  input: fc.record({
    kind: fc.constantFrom("uint", "int"),
    bits: fc.constantFrom(1, 2, 4, 8, 16),
    decimals: fc.constantFrom(0, 0, 1, 2),
  }),
  weightBits: fc.constantFrom(undefined, undefined, 2, 9),
  activationBits: fc.constantFrom(undefined, undefined, 3, 10),
});

export interface RandomMlp {
  readonly onnx: Uint8Array;
  readonly options: CompileOptions;
  readonly samples: readonly (readonly number[])[];
  /** The float model, computed from the recipe and not from the file: the values of its last layer. */
  infer(input: readonly number[]): number[];
}

const SAMPLES = 48;
const LOW = -0.75;
const HIGH = 2.5;

export function buildRandomMlp(recipe: MlpRecipe): RandomMlp {
  const constants: TestConstant[] = [
    { name: "low", shape: [], values: [LOW] },
    { name: "high", shape: [], values: [HIGH] },
  ];
  const nodes: TestNode[] = [];
  const steps: ((input: readonly number[]) => number[])[] = [];
  let [value, width] = ["x", recipe.inputs];
  recipe.layers.forEach((layer, index) => {
    const seed = recipe.seed + 101 * index;
    const weights = seededWeights(width * layer.size, seed, recipe.spread);
    const bias = layer.bias ? seededWeights(layer.size, seed + 7, recipe.spread) : [];
    appendDense(index, layer, { value, width, weights, bias }, constants, nodes);
    value = appendActivation(index, layer.activation, nodes);
    steps.push(inferDense(layer, width, weights, bias));
    width = layer.size;
  });
  if (recipe.argmax) nodes.push({ op: "ArgMax", inputs: [value], outputs: ["label"], attributes: { axis: -1 } });
  const { kind, bits, decimals } = recipe.input;
  const first = kind === "int" ? -(2 ** (bits - 1)) : 0;
  const samples = Array.from({ length: SAMPLES }, (_, sample) =>
    seededWeights(recipe.inputs, recipe.seed + 1009 * sample).map((draw) => {
      const share = Math.min(0.999, Math.max(0, (draw + 1.5) / 3));
      return (first + Math.floor(share * 2 ** bits)) / 10 ** decimals;
    }),
  );
  const { weightBits, activationBits } = recipe;
  return {
    onnx: buildOnnx({
      inputs: [{ name: "x", shape: ["N", recipe.inputs] }],
      outputs: [recipe.argmax ? "label" : value],
      constants,
      nodes,
    }),
    options: {
      name: "random",
      inputs: [{ kind, bits, decimals }],
      sampleInputs: samples,
      ...(weightBits === undefined ? {} : { weightBits }),
      ...(activationBits === undefined ? {} : { activationBits }),
    },
    samples,
    infer: (input) => steps.reduce<number[]>((values, step) => step(values), [...input]),
  };
}

interface DenseParts {
  readonly value: string;
  readonly width: number;
  /** Row-major, one row for each input. */
  readonly weights: readonly number[];
  readonly bias: readonly number[];
}

function appendDense(
  index: number,
  { size, style, transB, alpha, beta, bias: hasBias }: Dense,
  { value, width, weights, bias }: DenseParts,
  constants: TestConstant[],
  nodes: TestNode[],
): void {
  const [w, b, sum, product] = [`w${index}`, `b${index}`, `sum${index}`, `product${index}`];
  if (hasBias) constants.push({ name: b, shape: [size], values: bias });
  if (style === "matmul") {
    constants.push({ name: w, shape: [width, size], values: weights });
    nodes.push({ op: "MatMul", inputs: [value, w], outputs: [hasBias ? product : sum] });
    if (hasBias) nodes.push({ op: "Add", inputs: [b, product], outputs: [sum] });
    return;
  }
  const turned = Array.from(
    { length: size * width },
    (_, at) => weights[(at % width) * size + Math.floor(at / width)] ?? 0,
  );
  constants.push({ name: w, shape: transB ? [size, width] : [width, size], values: transB ? turned : weights });
  nodes.push({
    op: "Gemm",
    inputs: hasBias ? [value, w, b] : [value, w],
    outputs: [sum],
    attributes: { transB: transB ? 1 : 0, ...(alpha === 1 ? {} : { alpha }), ...(beta === 1 ? {} : { beta }) },
  });
}

function appendActivation(index: number, activation: Activation, nodes: TestNode[]): string {
  const [from, to] = [`sum${index}`, `hidden${index}`];
  switch (activation) {
    case "none":
      return from;
    case "relu":
      nodes.push({ op: "Relu", inputs: [from], outputs: [to] });
      return to;
    case "clip":
      nodes.push({ op: "Clip", inputs: [from, "low", "high"], outputs: [to] });
      return to;
    case "clip-low":
      nodes.push({ op: "Clip", inputs: [from, "low"], outputs: [to] });
      return to;
    case "clip-high":
      nodes.push({ op: "Clip", inputs: [from, "", "high"], outputs: [to] });
      return to;
  }
}

function inferDense(layer: Dense, width: number, weights: readonly number[], bias: readonly number[]) {
  const [alpha, beta] = layer.style === "gemm" ? [layer.alpha, layer.beta] : [1, 1];
  return (input: readonly number[]): number[] =>
    Array.from({ length: layer.size }, (_, column) => {
      let sum = beta * (bias[column] ?? 0);
      for (let row = 0; row < width; row++)
        sum += alpha * (input[row] ?? 0) * (weights[row * layer.size + column] ?? 0);
      const { activation } = layer;
      if (activation === "relu") return Math.max(0, sum);
      if (activation === "clip" || activation === "clip-low") sum = Math.max(LOW, sum);
      return activation === "clip" || activation === "clip-high" ? Math.min(HIGH, sum) : sum;
    });
}
