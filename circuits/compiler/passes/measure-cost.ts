import type { Layer } from "../graph/layer.ts";
import { layerCost } from "../layers/table.ts";
import type { Ranges } from "./infer-ranges.ts";

/**
 * Estimate of the constraints of a graph's layers from intervals alone, for comparing scales. The circuit itself is at
 * most this large: it knows more about differences. `first` is the number of the first layer's value.
 */
export function measureCost(layers: readonly Layer[], ranges: Ranges, first: number): number {
  return layers.reduce(
    (rows, layer, index) =>
      rows +
      layerCost(
        layer,
        layer.inputs.map((id) => ranges[id] ?? []),
        ranges[first + index] ?? [],
      ),
    0,
  );
}
