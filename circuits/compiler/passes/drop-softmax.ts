import type { FloatGraph } from "../graph/graph.ts";
import type { FloatLayer, ValueId } from "../graph/layer.ts";

/** A softmax changes no order, so an argmax over the same elements may look past it. */
export function dropSoftmax(graph: FloatGraph): FloatGraph {
  const first = graph.inputs.length;
  const producer = (id: ValueId): FloatLayer | undefined => graph.layers[id - first];
  const layers = graph.layers.map((layer): FloatLayer => {
    if (layer.kind !== "argmax") return layer;
    const before = producer(layer.inputs[0]);
    const same = before?.kind === "softmax" && before.inner === layer.inner && before.classes === layer.classes;
    return same ? Object.freeze({ ...layer, inputs: before.inputs }) : layer;
  });
  return Object.freeze({ ...graph, layers });
}
