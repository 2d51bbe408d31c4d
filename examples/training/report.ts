import { bitsOf, intervals, runIntegers, toIntegers, type IntegerSettings } from "./integer-mlp.ts";
import { accuracy, argmax, type Mlp, type SparseInput } from "./mlp.ts";

/** What a network is worth and what it costs in a circuit. Accuracies are between 0 and 1. */
export interface Report {
  readonly floatAccuracy: number;
  readonly integerAccuracy: number;
  /** Weights of both layers that are not zero, biases left out. */
  readonly weights: number;
  /** Bits of the widest accumulator, by exact intervals. */
  readonly hiddenBits: number;
  readonly logitBits: number;
}

/** Measures a network and its integers on labelled inputs whose elements lie in [0, largest]. */
export function measure(
  mlp: Mlp,
  settings: IntegerSettings,
  inputs: readonly SparseInput[],
  labels: readonly number[],
  largest: number,
): Report {
  const integers = toIntegers(mlp, settings);
  const right = inputs.filter((input, at) => argmax(runIntegers(integers, input)) === labels[at]).length;
  const reach = intervals(integers, largest);
  const nonZero = (layer: Float32Array): number => layer.reduce((count, weight) => count + (weight === 0 ? 0 : 1), 0);
  return {
    floatAccuracy: accuracy(mlp, inputs, labels),
    integerAccuracy: right / inputs.length,
    weights: nonZero(mlp.w1) + nonZero(mlp.w2),
    hiddenBits: Math.max(...reach.hidden.map(bitsOf)),
    logitBits: Math.max(...reach.logits.map(bitsOf)),
  };
}
