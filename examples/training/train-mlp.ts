import { inputGradient, outputGradient, trainableLayers } from "./gradients.ts";
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
  const layers = trainableLayers(mlp, settings.weightDecay);
  const hidden = new Float32Array(mlp.hidden);
  const hiddenError = new Float32Array(mlp.hidden);
  const logits = new Float32Array(mlp.outputs);
  const steps = Math.ceil(lesson.inputs.length / settings.batch) * settings.epochs;
  let step = 0;

  const learnFrom = (input: SparseInput, wanted: Float32Array, share: number): void => {
    hiddenLayer(mlp, input, hidden);
    const scale = dropUnits(hidden, settings.hiddenDropout, random);
    outputLayer(mlp, hidden, logits);
    softmax(logits);
    logits.forEach((chance, label) => (logits[label] = (chance - (wanted[label] ?? 0)) * share));
    outputGradient(mlp, layers, hidden, logits, hiddenError, scale);
    inputGradient(mlp, layers, input, hiddenError);
  };

  const learnFromBatch = (batch: Uint32Array): void => {
    for (const at of batch) {
      const input = lesson.inputs[at];
      if (input === undefined) continue;
      const wanted = lesson.targets.subarray(at * mlp.outputs, (at + 1) * mlp.outputs);
      learnFrom(dropInputs(input, settings.inputDropout, random), wanted, 1 / batch.length);
    }
    const rate = (settings.learningRate * (1 + Math.cos((Math.PI * step++) / steps))) / 2;
    for (const layer of [layers.w1, layers.b1, layers.w2, layers.b2]) layer.step(rate);
    if (keep !== undefined) mask(mlp.w1, keep);
  };

  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    const order = random.permutation(lesson.inputs.length);
    for (let from = 0; from < order.length; from += settings.batch)
      learnFromBatch(order.subarray(from, from + settings.batch));
  }
}

function mask(weights: Float32Array, keep: Uint8Array): void {
  for (let at = 0; at < weights.length; at++) if (keep[at] === 0) weights[at] = 0;
}

/** Drops active units and scales the others up; returns the scale, which their error needs as well. */
function dropUnits(hidden: Float32Array, chance: number, random: Random): number {
  const scale = 1 / (1 - chance);
  hidden.forEach((active, unit) => {
    if (active > 0) hidden[unit] = active * (random.uniform() < chance ? 0 : scale);
  });
  return scale;
}

function dropInputs(input: SparseInput, chance: number, random: Random): SparseInput {
  if (chance === 0) return input;
  const positions: number[] = [];
  const values: number[] = [];
  for (let at = 0; at < input.positions.length; at++) {
    if (random.uniform() < chance) continue;
    positions.push(input.positions[at] ?? 0);
    values.push((input.values === undefined ? 1 : (input.values[at] ?? 0)) / (1 - chance));
  }
  return { positions, values };
}
