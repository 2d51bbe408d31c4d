import type { FloatGraph } from "../graph/graph.ts";
import type { Layer, ValueId } from "../graph/layer.ts";
import { mapEntries } from "../graph/matrix.ts";
import { columnOwners } from "./scales.ts";
import type { Scales } from "./scales.ts";

/**
 * Rounds weights, biases and bounds to integers at the chosen scales: a value with `fraction` f stands for integer /
 * 2^f. Layers that keep a scale keep it here; `insertRescale` changes scales afterwards.
 */
export function quantize(graph: FloatGraph<Layer>, scales: Scales): readonly Layer[] {
  const fraction = (id: ValueId): number => scales.after[id] ?? 0;
  return graph.layers.map((layer, index): Layer => {
    const id = graph.inputs.length + index;
    if (layer.kind === "clip") {
      const bound = (value: number | null): number | null =>
        value === null ? null : nearest(value * 2 ** fraction(id));
      return Object.freeze({ ...layer, min: bound(layer.min), max: bound(layer.max) });
    }
    if (layer.kind !== "linear") return layer;
    const target = scales.before[id] ?? 0;
    const owners = columnOwners(graph, layer);
    return Object.freeze({
      ...layer,
      matrix: mapEntries(layer.matrix, (weight, column) =>
        nearest(weight * 2 ** (target - fraction(owners[column] ?? 0))),
      ),
      bias: layer.bias.map((value) => nearest(value * 2 ** target)),
    });
  });
}

/** Half up; `+ 0` turns -0 into 0. */
function nearest(value: number): number {
  return Math.floor(value + 0.5) + 0;
}
