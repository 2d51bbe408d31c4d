import { Adam } from "./adam.ts";
import type { Mlp, SparseInput } from "./mlp.ts";

/** The arrays of a network with the gradients that one batch adds up. */
export interface Layers {
  readonly w1: Adam;
  readonly b1: Adam;
  readonly w2: Adam;
  readonly b2: Adam;
}

/** Weights decay, biases do not. */
export function trainableLayers(mlp: Mlp, weightDecay: number): Layers {
  return {
    w1: new Adam(mlp.w1, weightDecay),
    b1: new Adam(mlp.b1, 0),
    w2: new Adam(mlp.w2, weightDecay),
    b2: new Adam(mlp.b2, 0),
  };
}

/**
 * Adds the output layer's gradient for one input, and fills `hiddenError` ([hidden]) with the error that reaches the
 * hidden units; units at zero pass none on.
 *
 * @param error [outputs], the derivative of the loss by the logits.
 * @param scale what dropout multiplied the surviving units with.
 */
export function outputGradient(
  mlp: Mlp,
  layers: Layers,
  hidden: Float32Array,
  error: Float32Array,
  hiddenError: Float32Array,
  scale: number,
): void {
  const { gradient } = layers.w2;
  accumulate(layers.b2.gradient, 0, error, 1);
  for (let unit = 0; unit < mlp.hidden; unit++) {
    hiddenError[unit] = 0;
    const active = hidden[unit] ?? 0;
    if (active === 0) continue;
    const row = unit * mlp.outputs;
    let sum = 0;
    for (let label = 0; label < mlp.outputs; label++) sum += (error[label] ?? 0) * (mlp.w2[row + label] ?? 0);
    accumulate(gradient, row, error, active);
    hiddenError[unit] = sum * scale;
  }
}

/** Adds the hidden layer's gradient for one input. */
export function inputGradient(mlp: Mlp, layers: Layers, input: SparseInput, hiddenError: Float32Array): void {
  accumulate(layers.b1.gradient, 0, hiddenError, 1);
  for (let at = 0; at < input.positions.length; at++) {
    const value = input.values === undefined ? 1 : (input.values[at] ?? 0);
    accumulate(layers.w1.gradient, (input.positions[at] ?? 0) * mlp.hidden, hiddenError, value);
  }
}

function accumulate(sums: Float32Array, from: number, values: Float32Array, factor: number): void {
  for (let at = 0; at < values.length; at++) sums[from + at] = (sums[from + at] ?? 0) + (values[at] ?? 0) * factor;
}
