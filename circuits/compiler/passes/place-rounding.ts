import type { FloatGraph } from "../graph/graph.ts";
import type { Origin, ValueId } from "../graph/layer.ts";
import { layerSize } from "../layers/table.ts";
import type { ExpandedLayer } from "./expand-softmax.ts";
import { rewire } from "./rewire.ts";

/**
 * Marks where bits may be dropped: before a product, whose result has the bits of both factors. Elsewhere they are
 * dropped by what decomposes anyway. A mark that has nothing to drop costs nothing.
 */
export function placeRounding(graph: FloatGraph<ExpandedLayer>): FloatGraph<ExpandedLayer> {
  const first = graph.inputs.length;
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
    const known = rounded.get(id);
    if (known !== undefined) return known;
    const producer = layers[id - first];
    if (producer === undefined || (producer.kind !== "linear" && producer.kind !== "product")) return id;
    const origin = origins[id - first] ?? { nodes: [], ops: [], shape: [] };
    const placed = append({ kind: "rescale", inputs: [id], size: layerSize(producer), shift: 0 }, origin);
    rounded.set(id, placed);
    return placed;
  };
  graph.layers.forEach((layer, index) => {
    const origin = graph.origins[index] ?? { nodes: [], ops: [], shape: [] };
    const place = layer.kind === "product" ? (id: ValueId) => round(move(id)) : move;
    moved.set(first + index, append(rewire(layer, place), origin));
  });
  const outputs = graph.outputs.map((output) => Object.freeze({ ...output, value: move(output.value) }));
  return Object.freeze({ inputs: graph.inputs, layers, origins, outputs });
}
