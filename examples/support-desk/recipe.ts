import { encodeInput, type InputAdapter, type OutputAdapter } from "../../circuits/format/adapter.ts";
import type { IntegerSettings } from "../training/integer-mlp.ts";
import { createMlp, type Mlp, type SparseInput } from "../training/mlp.ts";
import { createRandom } from "../training/prng.ts";
import { trainMlp, type Lesson, type TrainingSettings } from "../training/train-mlp.ts";
import { choosePhrases } from "./choose-phrases.ts";
import type { Question } from "./questions.ts";

export interface Architecture {
  readonly phrases: number;
  readonly hidden: number;
  /** The share of first-layer weights that survive pruning, largest first. */
  readonly kept: number;
}

export interface Classifier {
  readonly input: InputAdapter;
  readonly output: OutputAdapter;
  readonly mlp: Mlp;
}

/** Chosen by the table in README.md: denser and wider rows gain about a point for two to four times the weights. */
export const CHOSEN: Architecture = { phrases: 1024, hidden: 64, kept: 0.3 };

/**
 * Every published weight is a multiple of 1/16 and the hidden layer is not rescaled, so float arithmetic is exact and
 * ONNX Runtime agrees with the integers on every input.
 */
export const GRID: IntegerSettings = { hiddenBits: 4, rescale: 0, outputBits: 4 };

/** One in ten of each target is spread over all labels: questions near two intents are common in this data. */
const SMOOTHING = 0.1;

/** Pruning a little at a time, with training in between, costs about half a point less than pruning at once. */
const PRUNING_ROUNDS = 6;

const DENSE: TrainingSettings = {
  epochs: 24,
  batch: 64,
  learningRate: 3e-3,
  weightDecay: 0.02,
  inputDropout: 0.25,
  hiddenDropout: 0.15,
};
const BETWEEN: TrainingSettings = { ...DENSE, epochs: 4, learningRate: 2e-3, hiddenDropout: 0.1 };
const LAST: TrainingSettings = { ...BETWEEN, epochs: 12 };

/**
 * Chooses phrases, trains, then prunes the first layer. The weights are floats of full precision: round them with
 * `onGrid` before publishing.
 */
export function trainClassifier(questions: readonly Question[], architecture: Architecture): Classifier {
  const input: InputAdapter = { kind: "phrase-presence", phrases: choosePhrases(questions, architecture.phrases) };
  const output: OutputAdapter = { kind: "labels", labels: [...new Set(questions.map(({ label }) => label))].sort() };
  const inputs = questions.map(({ text }) => sparseInput(input, text));
  const lesson = { inputs, targets: smoothTargets(labelIndices(output, questions), output.labels.length) };
  const active = inputs.reduce((sum, { positions }) => sum + positions.length, 0) / inputs.length;
  const random = createRandom(77);
  const mlp = createMlp(input.phrases.length, architecture.hidden, output.labels.length, active, random);
  trainMlp(mlp, lesson, DENSE, random);
  if (architecture.kept < 1) {
    for (let round = 1; round <= PRUNING_ROUNDS; round++) {
      const kept = largest(mlp.w1, architecture.kept ** (round / PRUNING_ROUNDS));
      trainMlp(mlp, lesson, round < PRUNING_ROUNDS ? BETWEEN : LAST, random, kept);
    }
  }
  return { input, output, mlp };
}

export function sparseInput(adapter: InputAdapter, text: string): SparseInput {
  return { positions: encodeInput(adapter, text).flatMap((present, at) => (present === 1 ? [at] : [])) };
}

export function labelIndices(adapter: OutputAdapter, questions: readonly Question[]): number[] {
  return questions.map(({ label }) => adapter.labels.indexOf(label));
}

function smoothTargets(labels: readonly number[], outputs: number): Lesson["targets"] {
  const targets = new Float32Array(labels.length * outputs).fill(SMOOTHING / outputs);
  labels.forEach((label, at) => {
    targets[at * outputs + label] = SMOOTHING / outputs + 1 - SMOOTHING;
  });
  return targets;
}

/** 1 for the `share` of weights with the largest magnitude, 0 for the others. */
function largest(weights: Float32Array, share: number): Uint8Array {
  const magnitudes = weights.map(Math.abs);
  const threshold = magnitudes.toSorted()[Math.floor(magnitudes.length * (1 - share))] ?? 0;
  return Uint8Array.from(magnitudes, (magnitude) => (magnitude >= threshold ? 1 : 0));
}
