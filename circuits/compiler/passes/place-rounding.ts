import type { FloatGraph } from "../graph/graph.ts";
import type { Origin, ValueId } from "../graph/layer.ts";
import { entryCount } from "../graph/matrix.ts";
import { layerSize } from "../layers/table.ts";
import type { ExpandedLayer } from "./expand-softmax.ts";
import { rewire } from "./rewire.ts";

/** Weights in a row from which on a linear layer mixes more than it moves. */
const DENSE = 4;

/**
 * Marks where bits may be dropped: before a product, whose result has the bits of both factors, and before linear layers
 * that spread the bits of a product over many more sums than it has elements. A table takes what is rounded anyway.
 * Elsewhere bits are dropped by what decomposes anyway. A mark that has nothing to drop costs nothing.
 */
export function placeRounding(graph: FloatGraph<ExpandedLayer>): FloatGraph<ExpandedLayer> {
  const first = graph.inputs.length;
  const marked = findMarked(graph);
  const layers: ExpandedLayer[] = [];
  const origins: Origin[] = [];
  const moved = new Map<ValueId, ValueId>(graph.inputs.map((_, id) => [id, id]));
  const rounded = new Map<ValueId, ValueId>();
  const move = (id: ValueId): ValueId => moved.get(id) ?? id;
  const append = (layer: ExpandedLayer, origin: Origin): ValueId => {
    layers.push(Object.freeze(layer));
    origins.push(origin);
    return first + layers.length - 1;
  };
  const round = (id: ValueId): ValueId => {
    if (!marked.has(id)) return move(id);
    const known = rounded.get(id);
    if (known !== undefined) return known;
    const producer = graph.layers[id - first];
    if (producer === undefined) return move(id);
    const origin = graph.origins[id - first] ?? { nodes: [], ops: [], shape: [] };
    const placed = append({ kind: "rescale", inputs: [move(id)], size: layerSize(producer), shift: 0 }, origin);
    rounded.set(id, placed);
    return placed;
  };
  graph.layers.forEach((layer, index) => {
    const origin = graph.origins[index] ?? { nodes: [], ops: [], shape: [] };
    const takesRounded = layer.kind === "product" || layer.kind === "curve" || isDense(layer);
    moved.set(first + index, append(rewire(layer, takesRounded ? round : move), origin));
  });
  const outputs = graph.outputs.map((output) => Object.freeze({ ...output, value: move(output.value) }));
  return Object.freeze({ inputs: graph.inputs, layers, origins, outputs });
}

function findMarked(graph: FloatGraph<ExpandedLayer>): ReadonlySet<ValueId> {
  const first = graph.inputs.length;
  const marked = new Set<ValueId>();
  const sums = new Map<ValueId, number>();
  for (const layer of graph.layers)
    for (const id of layer.inputs) {
      const producer = graph.layers[id - first];
      if (producer?.kind !== "linear" && producer?.kind !== "product") continue;
      if (layer.kind === "product") marked.add(id);
      if (producer.kind !== "product" || !isDense(layer)) continue;
      sums.set(id, (sums.get(id) ?? 0) + layerSize(layer));
      if ((sums.get(id) ?? 0) >= 2 * layerSize(producer)) marked.add(id);
    }
  return marked;
}

function isDense(layer: ExpandedLayer): boolean {
  return layer.kind === "linear" && entryCount(layer.matrix) >= DENSE * layer.matrix.rows;
}
