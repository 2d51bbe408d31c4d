import { computeValues } from "../graph/compute.ts";
import type { FloatGraph } from "../graph/graph.ts";
import { layerSize } from "../graph/graph.ts";
import type { Layer, LinearLayer, ValueId } from "../graph/layer.ts";
import { forEachEntry } from "../graph/matrix.ts";

/**
 * Fraction bits of every value, inputs first: `before` a layer's rescale and `after` it. They may be negative, for
 * values so large that their low bits are not kept.
 */
export interface Scales {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Signed bits of the weights of a linear layer, or bits of the activations of a relu or clip, one per value. */
export type Widths = readonly (number | null)[];

/** Largest magnitude that each value of the float graph takes on the samples. */
export function measurePeaks(graph: FloatGraph<Layer>, samples: readonly (readonly Float64Array[])[]): number[] {
  const peaks: number[] = [];
  for (const sample of samples)
    computeValues(graph.layers, sample).forEach((value, id) => {
      let peak = peaks[id] ?? 0;
      for (const element of value) peak = Math.max(peak, Math.abs(element));
      peaks[id] = peak;
    });
  return peaks;
}

/**
 * The finest scales within the widths: a linear layer's largest weight just fits its bits, an activation's peak just
 * fits its own. Outputs and what feeds no other layer end at fraction 0, the integers of the tensor spec.
 */
export function placeScales(graph: FloatGraph<Layer>, widths: Widths, peaks: readonly number[]): Scales {
  const first = graph.inputs.length;
  const published = new Set(graph.outputs.map(({ value }) => value));
  const before: number[] = new Array<number>(first).fill(0);
  const after: number[] = new Array<number>(first).fill(0);
  graph.layers.forEach((layer, index) => {
    const id = first + index;
    const width = widths[id] ?? null;
    const [from = 0] = layer.inputs;
    const source = after[from] ?? 0;
    if (layer.kind === "argmax") {
      before[id] = after[id] = 0;
    } else if (layer.kind === "linear") {
      const fraction = weightFraction(graph, layer, width ?? 8, after);
      before[id] = after[id] = published.has(id) ? Math.max(0, fraction) : fraction;
    } else {
      before[id] = source;
      const fraction = width === null ? source : Math.min(source, fittingFraction(peaks[id] ?? 0, width));
      after[id] = published.has(id) ? Math.max(Math.min(0, source), fraction) : fraction;
    }
  });
  return { before, after };
}

/** Which value each column of a linear layer belongs to. */
export function columnOwners(graph: FloatGraph<Layer>, layer: LinearLayer): readonly ValueId[] {
  const [only] = layer.inputs;
  if (layer.inputs.length === 1 && only !== undefined) return new Array<ValueId>(layer.matrix.columns).fill(only);
  return layer.inputs.flatMap((id) => new Array<ValueId>(valueSize(graph, id)).fill(id));
}

export function valueSize(graph: FloatGraph<Layer>, id: ValueId): number {
  const layer = graph.layers[id - graph.inputs.length];
  if (layer !== undefined) return layerSize(layer);
  return (graph.inputs[id]?.shape ?? []).reduce((product, size) => product * size, 1);
}

/** Exact integers in float64, less a bit for rounding. */
const EXACT_BITS = 52;

/** The largest fraction at which every weight fits `bits` signed bits and every bias is exact. */
function weightFraction(graph: FloatGraph<Layer>, layer: LinearLayer, bits: number, after: readonly number[]): number {
  const owners = columnOwners(graph, layer);
  const offset = layer.bias.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let fraction = Infinity;
  for (const id of new Set(layer.inputs)) {
    let largest = 0;
    for (let row = 0; row < layer.matrix.rows; row++)
      forEachEntry(layer.matrix, row, (column, weight) => {
        if (owners[column] === id) largest = Math.max(largest, Math.abs(weight));
      });
    if (largest > 0) fraction = Math.min(fraction, fittingFraction(largest, bits - 1) + (after[id] ?? 0));
  }
  if (offset === 0) return Number.isFinite(fraction) ? fraction : 0;
  return Math.min(fraction, fittingFraction(offset, Number.isFinite(fraction) ? EXACT_BITS : bits - 1));
}

/** Largest f with value * 2^f below 2^bits - 1/2, so that rounding stays within the bits. Exact: no logarithms. */
function fittingFraction(value: number, bits: number): number {
  if (value === 0) return bits;
  const limit = 2 ** bits - 0.5;
  let fraction = 0;
  while (value * 2 ** (fraction + 1) < limit) fraction++;
  while (value * 2 ** fraction >= limit) fraction--;
  return fraction;
}
