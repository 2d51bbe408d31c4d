import type { NamedTensorSpec } from "../../format/manifest.ts";
import { elementCount, elementRange } from "../../format/tensor.ts";
import { Diagnostics } from "../compile-error.ts";
import type { IntegerGraph } from "../graph/graph.ts";
import type { Interval } from "../graph/interval.ts";
import type { Layer, Origin } from "../graph/layer.ts";
import { rangeLayer } from "../layers/table.ts";

/** Values stay below it in size, so that no sum wraps around the field and signs mean what they say. */
const LARGEST = 1n << 252n;

/** For each value of a graph, the interval of each of its elements. */
export type Ranges = readonly (readonly Interval[])[];

export function inputRanges(specs: readonly NamedTensorSpec[]): Interval[][] {
  return specs.map((spec) => {
    const { min, max } = elementRange(spec);
    return new Array<Interval>(elementCount(spec)).fill(Object.freeze({ lo: min, hi: max }));
  });
}

/**
 * The exact interval of every element for inputs within their types, never a calibrated guess: the circuit's widths
 * are sound and complete because of it. Throws `RANGE_OVERFLOW` for the first layer that could reach 2^252.
 */
export function inferRanges(graph: Pick<IntegerGraph, "inputs" | "layers" | "origins">): Ranges {
  return layerRanges(graph.layers, graph.origins, inputRanges(graph.inputs));
}

function layerRanges(
  layers: readonly Layer[],
  origins: readonly Origin[],
  inputs: readonly (readonly Interval[])[],
): Ranges {
  const ranges: (readonly Interval[])[] = [...inputs];
  layers.forEach((layer, index) => {
    const own = rangeLayer(
      layer,
      layer.inputs.map((id) => ranges[id] ?? []),
    );
    // At once: each square of a square has twice the digits, and a graph that somebody else wrote may have many.
    checkRanges({ layers: [layer], origins: origins.slice(index, index + 1) }, [own], 0);
    ranges.push(own);
  });
  return ranges;
}

/** Throws `RANGE_OVERFLOW` for every layer that could reach 2^252. `first` is the number of the first layer's value. */
export function checkRanges(
  { layers, origins }: Pick<IntegerGraph, "layers" | "origins">,
  ranges: Ranges,
  first: number,
): void {
  const problems = new Diagnostics();
  layers.forEach((_, index) => {
    if (!(ranges[first + index] ?? []).some(({ lo, hi }) => lo <= -LARGEST || hi >= LARGEST)) return;
    problems.add(
      "RANGE_OVERFLOW",
      { name: origins[index]?.nodes.join("+") ?? "", op: origins[index]?.ops.join("+") ?? "" },
      "values could reach 2^252 and wrap around the field; use fewer input, weight or activation bits",
    );
  });
  problems.throwIfAny();
}
