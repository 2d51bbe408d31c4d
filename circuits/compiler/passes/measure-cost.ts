import { bitLength, type Interval, signedBits } from "../graph/interval.ts";
import type { Layer } from "../graph/layer.ts";
import { argmaxGroups } from "../layers/argmax.ts";
import type { Ranges } from "./infer-ranges.ts";

/**
 * Estimate of the constraints of a graph's layers from intervals alone, for comparing scales. The circuit itself is at
 * most this large: it knows more about differences.
 */
export function measureCost(layers: readonly Layer[], ranges: Ranges, first: number): number {
  let rows = 0;
  layers.forEach((layer, index) => {
    const [source = 0] = layer.inputs;
    const input = ranges[source] ?? [];
    const output = ranges[first + index] ?? [];
    if (layer.kind === "argmax")
      for (const group of argmaxGroups(layer)) rows += argmaxCost(group.flatMap((at) => input[at] ?? []));
    else if (layer.kind !== "linear")
      input.forEach((interval, at) => {
        if (output[at]?.lo !== output[at]?.hi) rows += signedBits(interval) + 2;
        if (layer.kind === "clip" && layer.max !== null) rows += signedBits(output[at] ?? interval) + 3;
      });
  });
  return rows;
}

function argmaxCost(group: readonly Interval[]): number {
  const largest = group.reduce((most, { hi }) => (hi > most ? hi : most), group[0]?.hi ?? 0n);
  return 1 + group.reduce((rows, { lo }) => rows + 3 + bitLength(largest - lo), 0);
}
