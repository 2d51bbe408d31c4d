import type { Layer } from "./layer.ts";
import type { Random } from "./prng.ts";

export interface DescentSettings {
  readonly epochs: number;
  readonly batch: number;
  /** Adam's step at the start; it falls to zero along half a cosine. */
  readonly learningRate: number;
}

/** The output of the last layer. */
export function run(layers: readonly Layer[], input: Float32Array): Float32Array {
  return layers.reduce((values, layer) => layer.forward(values), input);
}

/** Adds the gradients of the last input, given the derivative of its loss by the output; returns that by the input. */
export function passBack(layers: readonly Layer[], error: Float32Array): Float32Array {
  return layers.reduceRight<Float32Array>((passed, layer) => layer.backward(passed), error);
}

/**
 * Stochastic gradient descent on `count` inputs in random order. `learn` adds the gradients of one input in proportion
 * to its `share` of the batch. The same arguments give the same weights, bit for bit.
 */
export function descend(
  layers: readonly Layer[],
  count: number,
  { epochs, batch, learningRate }: DescentSettings,
  random: Random,
  learn: (at: number, share: number) => void,
): void {
  const parameters = layers.flatMap((layer) => layer.parameters);
  const steps = Math.ceil(count / batch) * epochs;
  let order = random.permutation(count);
  for (let step = 0; step < steps; step++) {
    const from = (step * batch) % (Math.ceil(count / batch) * batch);
    if (from === 0 && step > 0) order = random.permutation(count);
    const chosen = order.subarray(from, from + batch);
    for (const at of chosen) learn(at, 1 / chosen.length);
    const rate = (learningRate * (1 + Math.cos((Math.PI * step) / steps))) / 2;
    for (const parameter of parameters) parameter.step(rate);
  }
}
