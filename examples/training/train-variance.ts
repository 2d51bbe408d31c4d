import { descend, passBack, run, type DescentSettings } from "./descent.ts";
import type { Layer } from "./layer.ts";
import type { Random } from "./prng.ts";

/** An input and a number around zero whose variance, given the input, is to be learnt. */
export interface VarianceLesson {
  readonly input: Float32Array;
  readonly drawn: number;
}

/**
 * Trains layers with one output, the logarithm h of a variance, by the likelihood of normal draws: the loss is
 * (h + drawn^2 exp(-h)) / 2.
 */
export function trainVariance(
  layers: readonly Layer[],
  lessons: readonly VarianceLesson[],
  settings: DescentSettings,
  random: Random,
): void {
  descend(layers, lessons.length, settings, random, (at, share) => {
    const lesson = lessons[at];
    if (lesson === undefined) return;
    const logarithm = run(layers, lesson.input)[0] ?? 0;
    passBack(layers, Float32Array.of((share * (1 - lesson.drawn ** 2 * Math.exp(-logarithm))) / 2));
  });
}
