import type { Adam } from "./adam.ts";

/**
 * A step of a feed-forward network that is trained one input at a time: `forward`, then `backward` with the error of
 * its output, which adds to the gradients of `parameters`. The arrays it returns are its own and change with each call.
 */
export interface Layer {
  readonly parameters: readonly Adam[];
  forward(input: Float32Array): Float32Array;
  /** Takes the derivative of the loss by the output; returns that by the input. */
  backward(error: Float32Array): Float32Array;
}

/** The sum of products of `length` weights from `from` with the inputs from `at`. */
export function dot(
  weights: Float32Array,
  from: number,
  inputs: Float32Array,
  at: number,
  length: number,
  start: number,
): number {
  let even = start;
  let odd = 0;
  // Two sums, since each addition has to wait for the one before it.
  const pairs = length & ~1;
  for (let k = 0; k < pairs; k += 2) {
    even += (weights[from + k] ?? 0) * (inputs[at + k] ?? 0);
    odd += (weights[from + k + 1] ?? 0) * (inputs[at + k + 1] ?? 0);
  }
  if (pairs < length) even += (weights[from + pairs] ?? 0) * (inputs[at + pairs] ?? 0);
  return even + odd;
}

/** sums[from + k] += factor * values[at + k] for `length` values. */
export function addScaled(
  sums: Float32Array,
  from: number,
  values: Float32Array,
  at: number,
  length: number,
  factor: number,
): void {
  for (let k = 0; k < length; k++) sums[from + k] = (sums[from + k] ?? 0) + factor * (values[at + k] ?? 0);
}

/** Small random weights for units that see `inputs` values (He et al. 2015). */
export function heWeights(count: number, inputs: number, normal: () => number): Float32Array {
  return Float32Array.from({ length: count }, () => normal() * Math.sqrt(2 / inputs));
}
