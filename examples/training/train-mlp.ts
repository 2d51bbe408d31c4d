import { Adam } from "./adam.ts";
import { hiddenLayer, outputLayer, softmax, type Mlp, type SparseInput } from "./mlp.ts";
import type { Random } from "./prng.ts";

export interface TrainingSettings {
  readonly epochs: number;
  readonly batch: number;
  /** Adam's step at the start; it falls to zero along half a cosine. */
  readonly learningRate: number;
  /** The share by which weights shrink for each unit of learning rate (decoupled, as in AdamW). */
  readonly weightDecay: number;
  /** Chance that a non-zero input is dropped; survivors are scaled up. */
  readonly inputDropout: number;
  /** Chance that a hidden unit is dropped; survivors are scaled up. */
  readonly hiddenDropout: number;
}

/** Inputs and what is wanted for each. */
export interface Lesson {
  readonly inputs: readonly SparseInput[];
  /** [inputs.length, outputs], row major; each row is a probability distribution. */
  readonly targets: Float32Array;
}

/**
 * Goes on training `mlp` in place by cross-entropy. Weights of the first layer that `keep` ([inputs, hidden], 0 or 1)
 * marks with 0 become and stay zero. The same arguments give the same weights, bit for bit.
 */
export function trainMlp(
  mlp: Mlp,
  lesson: Lesson,
  settings: TrainingSettings,
  random: Random,
  keep?: Uint8Array,
): void {
  const { inputs, targets } = lesson;
  const w1 = new Adam(mlp.w1, settings.weightDecay);
  const b1 = new Adam(mlp.b1, 0);
  const w2 = new Adam(mlp.w2, settings.weightDecay);
  const b2 = new Adam(mlp.b2, 0);
  const hidden = new Float32Array(mlp.hidden);
  const hiddenGradient = new Float32Array(mlp.hidden);
  const logits = new Float32Array(mlp.outputs);
  const steps = Math.ceil(inputs.length / settings.batch) * settings.epochs;
  const survival = 1 / (1 - settings.hiddenDropout);
  let step = 0;

  const learnFrom = (input: SparseInput, wanted: Float32Array, share: number): void => {
    hiddenLayer(mlp, input, hidden);
    for (let unit = 0; unit < mlp.hidden; unit++) {
      if (hidden[unit]! > 0) hidden[unit]! *= random.uniform() < settings.hiddenDropout ? 0 : survival;
    }
    outputLayer(mlp, hidden, logits);
    softmax(logits);
    for (let label = 0; label < mlp.outputs; label++) {
      logits[label] = (logits[label]! - wanted[label]!) * share;
      b2.gradient[label]! += logits[label]!;
    }
    for (let unit = 0; unit < mlp.hidden; unit++) {
      hiddenGradient[unit] = 0;
      const active = hidden[unit]!;
      if (active === 0) continue;
      const row = unit * mlp.outputs;
      let sum = 0;
      for (let label = 0; label < mlp.outputs; label++) {
        sum += logits[label]! * mlp.w2[row + label]!;
        w2.gradient[row + label]! += logits[label]! * active;
      }
      hiddenGradient[unit] = sum * survival;
      b1.gradient[unit]! += hiddenGradient[unit]!;
    }
    for (let at = 0; at < input.positions.length; at++) {
      const row = input.positions[at]! * mlp.hidden;
      const value = input.values === undefined ? 1 : input.values[at]!;
      for (let unit = 0; unit < mlp.hidden; unit++) w1.gradient[row + unit]! += value * hiddenGradient[unit]!;
    }
  };

  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    const order = random.permutation(inputs.length);
    for (let from = 0; from < order.length; from += settings.batch) {
      const batch = order.subarray(from, from + settings.batch);
      for (const at of batch) {
        const wanted = targets.subarray(at * mlp.outputs, (at + 1) * mlp.outputs);
        learnFrom(dropInputs(inputs[at]!, settings.inputDropout, random), wanted, 1 / batch.length);
      }
      const rate = (settings.learningRate * (1 + Math.cos((Math.PI * step++) / steps))) / 2;
      for (const layer of [w1, b1, w2, b2]) layer.step(rate);
      if (keep !== undefined) for (let at = 0; at < keep.length; at++) mlp.w1[at]! *= keep[at]!;
    }
  }
}

function dropInputs(input: SparseInput, chance: number, random: Random): SparseInput {
  if (chance === 0) return input;
  const positions: number[] = [];
  const values: number[] = [];
  for (let at = 0; at < input.positions.length; at++) {
    if (random.uniform() < chance) continue;
    positions.push(input.positions[at]!);
    values.push((input.values === undefined ? 1 : input.values[at]!) / (1 - chance));
  }
  return { positions, values };
}
