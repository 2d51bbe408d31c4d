import { computeValues } from "../graph/compute.ts";
import type { FloatGraph } from "../graph/graph.ts";
import type { LinearLayer } from "../graph/layer.ts";
import { forEachEntry } from "../graph/matrix.ts";
import type { ExpandedLayer } from "./expand-softmax.ts";
import { exactFraction, fittingFraction } from "./fractions.ts";

/**
 * Signed bits of the weights of a linear layer, or bits of the activations of a layer that rounds, one per value; null
 * where there is nothing to choose.
 */
export type Widths = readonly (number | null)[];

/** What the width of a layer is about. */
export function widthRole(layer: ExpandedLayer): "weights" | "activations" | null {
  switch (layer.kind) {
    case "linear":
      return "weights";
    case "relu":
    case "clip":
    case "rescale":
    case "curve":
      return "activations";
    default:
      return null;
  }
}

/** A result that is a thousand times smaller than the largest still has all bits of its width. */
export const RELATIVE_BITS = 10;

/**
 * Largest finite magnitude that each value of the float graph takes on the samples: some divide by zero. Where small
 * results count as much, the magnitude that is to have the bits. `visit` sees all values of each sample.
 */
export function measurePeaks(
  graph: FloatGraph<ExpandedLayer>,
  samples: readonly (readonly Float64Array[])[],
  visit: (sample: readonly Float64Array[], values: readonly Float64Array[]) => void,
): number[] {
  const peaks: number[] = [];
  for (const sample of samples) {
    const values = computeValues(graph.layers, sample);
    visit(sample, values);
    values.forEach((value, id) => {
      let peak = peaks[id] ?? 0;
      for (const element of value) if (Number.isFinite(element)) peak = Math.max(peak, Math.abs(element));
      peaks[id] = peak;
    });
  }
  graph.layers.forEach((layer, index) => {
    const id = graph.inputs.length + index;
    if (layer.kind === "curve" && layer.curve.relative === true) peaks[id] = (peaks[id] ?? 0) / 2 ** RELATIVE_BITS;
  });
  return peaks;
}

/** Exact integers in float64, less a bit for rounding. */
const EXACT_BITS = 52;

/** What the scale of a linear layer hangs on, whatever the widths. */
interface WeightFacts {
  /** For each input: its largest weight, and the fraction at which all of its weights are integers. */
  readonly inputs: readonly { readonly largest: number; readonly exact: number }[];
  readonly offset: number;
  readonly exactBias: number;
}

const FACTS = new WeakMap<LinearLayer, WeightFacts>();

function weightFacts(layer: LinearLayer, sizes: readonly number[]): WeightFacts {
  const known = FACTS.get(layer);
  if (known !== undefined) return known;
  const inputs = sizes.map(() => ({ largest: 0, exact: -Infinity }));
  const { matrix, bias } = layer;
  const ends = endsOf(sizes);
  for (let row = 0; row < matrix.rows; row++) {
    let input = 0;
    forEachEntry(matrix, row, (column, weight) => {
      while (column >= (ends[input] ?? Infinity)) input++;
      const facts = inputs[input];
      if (facts === undefined) return;
      facts.largest = Math.max(facts.largest, Math.abs(weight));
      facts.exact = Math.max(facts.exact, exactFraction(weight));
    });
  }
  const facts = {
    inputs,
    offset: bias.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
    exactBias: bias.reduce((most, value) => Math.max(most, exactFraction(value)), -Infinity),
  };
  FACTS.set(layer, facts);
  return facts;
}

/**
 * The least fraction at which the largest weight on each input has `bits` signed bits, or all weights on it are
 * integers: a coarse input beside a fine one leaves the fine one its bits. Biases are as fine as the coarsest weights.
 * `fractions` are those of the layer's inputs.
 */
export function weightFraction(
  layer: LinearLayer,
  bits: number,
  fractions: readonly number[],
  sizes: readonly number[],
): number {
  const { inputs, offset, exactBias } = weightFacts(layer, sizes);
  let [fraction, coarsest, ceiling] = [-Infinity, Infinity, Infinity];
  inputs.forEach(({ largest, exact }, input) => {
    if (largest === 0) return;
    const from = fractions[input] ?? 0;
    const fitting = fittingFraction(largest, bits - 1) + from;
    fraction = Math.max(fraction, Math.min(fitting, exact + from));
    coarsest = Math.min(coarsest, fitting);
    ceiling = Math.min(ceiling, fittingFraction(largest, EXACT_BITS) + from);
  });
  if (offset !== 0) {
    const fitting = Number.isFinite(coarsest) ? coarsest : fittingFraction(offset, bits - 1);
    fraction = Math.max(fraction, Math.min(fitting, exactBias));
    ceiling = Math.min(ceiling, fittingFraction(offset, EXACT_BITS));
  }
  fraction = Math.min(fraction, ceiling);
  return Number.isFinite(fraction) ? fraction : 0;
}

/** For inputs laid end to end, the first column after each. */
export function endsOf(sizes: readonly number[]): number[] {
  let end = 0;
  return sizes.map((size) => (end += size));
}
