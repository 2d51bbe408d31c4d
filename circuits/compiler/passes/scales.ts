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

/** Largest magnitude that each value of the float graph takes on the samples. */
export function measurePeaks(
  graph: FloatGraph<ExpandedLayer>,
  samples: readonly (readonly Float64Array[])[],
): number[] {
  const peaks: number[] = [];
  for (const sample of samples)
    computeValues(graph.layers, sample).forEach((value, id) => {
      let peak = peaks[id] ?? 0;
      for (const element of value) peak = Math.max(peak, Math.abs(element));
      peaks[id] = peak;
    });
  return peaks;
}

/** Exact integers in float64, less a bit for rounding. */
const EXACT_BITS = 52;

/**
 * The finest fraction at which every weight fits `bits` signed bits and every bias is exact; less, if all of them are
 * integers at less already. `fractions` are those of the layer's inputs.
 */
export function weightFraction(
  layer: LinearLayer,
  bits: number,
  fractions: readonly number[],
  sizes: readonly number[],
) {
  const largest = fractions.map(() => 0);
  let exact = -Infinity;
  const { matrix, bias } = layer;
  const ends = endsOf(sizes);
  for (let row = 0; row < matrix.rows; row++) {
    let input = 0;
    forEachEntry(matrix, row, (column, weight) => {
      while (column >= (ends[input] ?? Infinity)) input++;
      largest[input] = Math.max(largest[input] ?? 0, Math.abs(weight));
      const needed = exactFraction(weight) + (fractions[input] ?? 0);
      if (needed > exact) exact = needed;
    });
  }
  let offset = 0;
  for (const value of bias) {
    offset = Math.max(offset, Math.abs(value));
    exact = Math.max(exact, exactFraction(value));
  }
  let fraction = Infinity;
  largest.forEach((weight, input) => {
    if (weight > 0) fraction = Math.min(fraction, fittingFraction(weight, bits - 1) + (fractions[input] ?? 0));
  });
  if (offset !== 0)
    fraction = Math.min(fraction, fittingFraction(offset, Number.isFinite(fraction) ? EXACT_BITS : bits - 1));
  fraction = Math.min(fraction, exact);
  return Number.isFinite(fraction) ? fraction : 0;
}

/** For inputs laid end to end, the first column after each. */
export function endsOf(sizes: readonly number[]): number[] {
  let end = 0;
  return sizes.map((size) => (end += size));
}
