import { descend, passBack, run, type DescentSettings } from "./descent.ts";
import type { Layer } from "./layer.ts";
import { argmax, softmax } from "./mlp.ts";
import type { Random } from "./prng.ts";

/** How many inputs there are, and each input as training sees it (perhaps changed a little each time) with its label. */
export interface LabelledInputs {
  readonly count: number;
  readonly input: (at: number) => Float32Array;
  readonly label: (at: number) => number;
}

/** The share of inputs, between 0 and 1, whose largest output is at their label. */
export function shareRight(layers: readonly Layer[], { count, input, label }: LabelledInputs): number {
  let right = 0;
  for (let at = 0; at < count; at++) if (argmax(run(layers, input(at))) === label(at)) right++;
  return right / count;
}

/** Trains the layers in place by cross-entropy. */
export function trainClassifier(
  layers: readonly Layer[],
  { count, input, label }: LabelledInputs,
  settings: DescentSettings,
  random: Random,
): void {
  descend(layers, count, settings, random, (at, share) => {
    const chances = Float32Array.from(run(layers, input(at)));
    softmax(chances);
    const wanted = label(at);
    passBack(
      layers,
      chances.map((chance, index) => (chance - (index === wanted ? 1 : 0)) * share),
    );
  });
}
