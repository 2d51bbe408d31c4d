import type { FloatGraph } from "../graph/graph.ts";
import type { LinearLayer, ValueId } from "../graph/layer.ts";

/**
 * For each graph input that names places of an axis, such as tokens that choose rows of an embedding, how many places
 * there are: it lies in [0, count). Undefined for any other input.
 */
export function indexInputs(graph: FloatGraph): readonly (number | undefined)[] {
  const first = graph.inputs.length;
  const counts = graph.inputs.map((): number | undefined => undefined);
  for (const layer of graph.layers) {
    if (layer.kind !== "onehot") continue;
    const { id, offset } = behind(graph, layer.inputs[0], first);
    if (id >= first) continue;
    const count = layer.count - offset;
    counts[id] = Math.min(counts[id] ?? count, count);
  }
  return counts;
}

/** The value that a layer moves by a constant, or the value itself. */
function behind(graph: FloatGraph, id: ValueId, first: number): { readonly id: ValueId; readonly offset: number } {
  const layer = graph.layers[id - first];
  if (layer?.kind === "linear" && layer.inputs.length === 1 && isShift(layer))
    return { id: layer.inputs[0] ?? id, offset: layer.bias[0] ?? 0 };
  return { id, offset: 0 };
}

function isShift({ matrix, bias }: LinearLayer): boolean {
  const { rows, column, weight } = matrix;
  return column.length === rows && weight.every((value) => value === 1) && bias.every((value) => value === bias[0]);
}
