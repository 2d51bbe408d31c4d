import type { NamedTensorSpec } from "../../format/manifest.ts";
import type { FloatGraph } from "../graph/graph.ts";
import { layerSize } from "../layers/table.ts";
import type { CompileOptions } from "../options.ts";
import { isExact } from "./check-exact.ts";
import type { ExpandedLayer } from "./expand-softmax.ts";
import type { IntegerLayers } from "./integerize.ts";
import type { Samples } from "./sample-inputs.ts";
import { type Widths, widthRole } from "./scales.ts";
import { type Accuracy, type Candidate, Trial } from "./trial.ts";

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
  const trial = new Trial(graph, specs, samples, options);
  const uniform = (bits: number): Candidate => trial.candidate(uniformWidths(graph, bits, options));
  const start = finest(trial, uniform);
  const best = start.ok
    ? narrowGroups(trial, fewestTogether(trial, uniform, start.bits, start.candidate), options)
    : start.candidate;
  const { integers, widths } = best;
  const accuracy = trial.compare(integers, samples.inputs);
  return { integers, widths, accuracy, reached: trial.accepts(accuracy) };
}

interface Start {
  readonly bits: number;
  readonly candidate: Candidate;
  readonly ok: boolean;
}

/** The first width that is accurate enough; if none is, the most accurate one. Weights beyond 2^53 count as no width. */
function finest(trial: Trial, uniform: (bits: number) => Candidate): Start {
  const failed: Start[] = [];
  for (const bits of STARTS) {
    const candidate = uniform(bits);
    if (trial.adopts(candidate)) return { bits, candidate, ok: true };
    if (candidate.integers.layers.every(isExact)) failed.push({ bits, candidate, ok: false });
  }
  let best = { start: { bits: NARROWEST, candidate: uniform(NARROWEST), ok: false }, agreement: 0, maxError: Infinity };
  for (const start of failed) {
    const { agreement, maxError } = trial.compare(start.candidate.integers, trial.searched);
    if (agreement > best.agreement || (agreement === best.agreement && maxError < best.maxError))
      best = { start, agreement, maxError };
  }
  return best.start;
}

/** By bisection: accuracy grows with bits, nearly always. */
function fewestTogether(
  trial: Trial,
  uniform: (bits: number) => Candidate,
  widest: number,
  start: Candidate,
): Candidate {
  let best = start;
  let [good, bad] = [widest, NARROWEST - 1];
  while (good - bad > 1) {
    const middle = (good + bad) >> 1;
    const candidate = uniform(middle);
    if (trial.adopts(candidate)) [good, best] = [middle, candidate];
    else bad = middle;
  }
  return best;
}

/** Round after round, one bit less for each group that can still take it and saves something by it. */
function narrowGroups(trial: Trial, start: Candidate, options: CompileOptions): Candidate {
  let open = widthGroups(trial.graph, options);
  let best = start;
  const limit = trial.spent + BUDGET;
  let trials = 0;
  while (open.length > 0) {
    open = open.filter(({ values }) => {
      if (trials >= FEWEST_TRIALS && trial.spent >= limit) return false;
      const widths = best.widths.map((width, id) => (width !== null && values.has(id) ? width - 1 : width));
      if (widths.some((width) => width !== null && width < NARROWEST)) return false;
      trials++;
      const narrower = trial.candidate(widths);
      if (narrower.cost >= best.cost || !trial.adopts(narrower)) return false;
      best = narrower;
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
