import type { NamedTensorSpec } from "../../format/manifest.ts";
import type { FloatGraph } from "../graph/graph.ts";
import { layerSize } from "../layers/table.ts";
import type { CompileOptions } from "../options.ts";
import type { ExpandedLayer } from "./expand-softmax.ts";
import type { IntegerLayers } from "./integerize.ts";
import type { Samples } from "./sample-inputs.ts";
import { type Widths, widthRole } from "./scales.ts";
import { type Accuracy, Trial } from "./trial.ts";

export type { Accuracy };

/** What was chosen, and how close the integers come to the float graph on the samples. */
export interface ScaleChoice {
  readonly integers: IntegerLayers;
  /** For each layer: bits of weights or of activations. */
  readonly widths: Widths;
  readonly accuracy: Accuracy;
  readonly reached: boolean;
}

/** Tried in this order: 16 bits do nearly always. */
const STARTS = [16, 20, 18, 14, 12, 10, 8, 6, 4];
const NARROWEST = 2;
/** Multiplications that the search for single widths may cost, all trials together: what bounds compile time. */
const BUDGET = 1e10;
const FEWEST_TRIALS = 8;

/**
 * The fewest bits that keep the accuracy: all widths fall together until the samples disagree too much, then those of
 * one node at a time, those that most decompositions hang on first, until none can fall any more or the budget is
 * spent. Deterministic: the budget is counted in multiplications, not in time.
 */
export function chooseScales(
  graph: FloatGraph<ExpandedLayer>,
  specs: readonly NamedTensorSpec[],
  samples: Samples,
  options: CompileOptions,
): ScaleChoice {
  const trial = new Trial(graph, specs, samples.inputs, options);
  const uniform = (bits: number): Widths => uniformWidths(graph, bits, options);
  const start = finest(trial, uniform);
  let best = uniform(start.bits);
  if (start.ok) {
    best = fewestTogether(trial, uniform, start.bits);
    best = narrowGroups(trial, best, options);
  }
  const accuracy = trial.measure(best, samples.inputs);
  return { integers: trial.integers(best), widths: best, accuracy, reached: trial.accepts(accuracy) };
}

/** The first width that is accurate enough; if none is, the most accurate one. Weights beyond 2^53 count as no width. */
function finest(trial: Trial, uniform: (bits: number) => Widths): { readonly bits: number; readonly ok: boolean } {
  let best = { bits: NARROWEST, accuracy: { agreement: 0, maxError: Infinity } };
  for (const bits of STARTS) {
    const widths = uniform(bits);
    if (!trial.isExact(widths)) continue;
    const accuracy = trial.measure(widths, trial.searched);
    if (trial.accepts(accuracy)) return { bits, ok: true };
    const { agreement, maxError } = best.accuracy;
    if (accuracy.agreement > agreement || (accuracy.agreement === agreement && accuracy.maxError < maxError))
      best = { bits, accuracy };
  }
  return { bits: best.bits, ok: false };
}

/** By bisection: accuracy grows with bits, nearly always. */
function fewestTogether(trial: Trial, uniform: (bits: number) => Widths, widest: number): Widths {
  let [good, bad] = [widest, NARROWEST - 1];
  while (good - bad > 1) {
    const middle = (good + bad) >> 1;
    if (trial.ok(uniform(middle))) good = middle;
    else bad = middle;
  }
  return uniform(good);
}

/** Round after round, one bit less for each group that can still take it and saves something by it. */
function narrowGroups(trial: Trial, start: Widths, options: CompileOptions): Widths {
  let open = widthGroups(trial.graph, options);
  let [best, cost] = [start, trial.cost(start)];
  let left = Math.max(FEWEST_TRIALS, Math.floor(BUDGET / (trial.work * trial.searched.length)));
  while (open.length > 0) {
    open = open.filter(({ values }) => {
      if (left-- <= 0) return false;
      const narrower = best.map((width, id) => (width !== null && values.has(id) ? width - 1 : width));
      if (narrower.some((width) => width !== null && width < NARROWEST)) return false;
      const lower = trial.cost(narrower);
      if (lower >= cost || !trial.ok(narrower)) return false;
      [best, cost] = [narrower, lower];
      return true;
    });
  }
  return best;
}

interface WidthGroup {
  readonly values: ReadonlySet<number>;
  /** Elements whose decomposition gets shorter. */
  readonly gain: number;
}

/** The layers of one node share a width for each role, so that an unrolled loop is as quick as one step of it. */
function widthGroups(graph: FloatGraph<ExpandedLayer>, options: CompileOptions): readonly WidthGroup[] {
  const first = graph.inputs.length;
  const groups = new Map<string, { values: Set<number>; gain: number }>();
  graph.layers.forEach((layer, index) => {
    const role = widthRole(layer);
    if (role === null || (role === "weights" ? options.weightBits : options.activationBits) !== undefined) return;
    const key = `${role} ${graph.origins[index]?.nodes.join("+") ?? ""}`;
    const group = groups.get(key) ?? { values: new Set(), gain: 0 };
    groups.set(key, group);
    group.values.add(first + index);
    group.gain += role === "weights" ? layerSize(layer) : consumersSize(graph, first + index);
  });
  return [...groups.values()].filter(({ gain }) => gain > 0).sort((a, b) => b.gain - a.gain);
}

function consumersSize(graph: FloatGraph<ExpandedLayer>, id: number): number {
  return graph.layers.reduce(
    (sum, layer) => (layer.inputs.some((input) => input === id) ? sum + layerSize(layer) : sum),
    0,
  );
}

/** The same width for everything that the options leave open. */
function uniformWidths(graph: FloatGraph<ExpandedLayer>, bits: number, options: CompileOptions): Widths {
  return [
    ...graph.inputs.map(() => null),
    ...graph.layers.map((layer) => {
      const role = widthRole(layer);
      if (role === "weights") return options.weightBits ?? bits;
      return role === "activations" ? (options.activationBits ?? bits) : null;
    }),
  ];
}
