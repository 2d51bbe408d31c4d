import { Diagnostics } from "../compile-error.ts";
import type { FloatGraph, FloatOutput } from "../graph/graph.ts";
import { layerSize } from "../graph/graph.ts";
import type { FloatLayer, Layer, LinearLayer, Origin, ValueId } from "../graph/layer.ts";
import { buildMatrix, forEachEntry } from "../graph/matrix.ts";

interface Node {
  readonly layer: FloatLayer;
  readonly origin: Origin;
}

/**
 * Merges chains of linear layers into one, drops a softmax whose only use is an argmax over the same axis, and drops
 * what no output needs. A softmax that stays is an `OP_UNSUPPORTED`: its fractions are not worth their constraints.
 */
export function fuse(graph: FloatGraph): FloatGraph<Layer> {
  const first = graph.inputs.length;
  const nodes: Node[] = [];
  graph.layers.forEach((layer, index) => {
    const origin = graph.origins[index] ?? { nodes: [], ops: [], shape: [] };
    nodes.push(mergeProducers({ layer, origin }, (id) => nodes[id - first], graph));
  });
  const kept = markNeeded(nodes, graph.outputs, first);
  const problems = new Diagnostics();
  const position = new Map<ValueId, ValueId>(graph.inputs.map((_, id) => [id, id]));
  const layers: Layer[] = [];
  const origins: Origin[] = [];
  nodes.forEach(({ layer, origin }, index) => {
    if (!kept.has(first + index)) return;
    if (layer.kind === "softmax") {
      problems.add(
        "OP_UNSUPPORTED",
        { name: origin.nodes.join("+"), op: origin.ops.join("+") },
        "a softmax is only supported before an ArgMax, where it does not change the answer; end the model with ArgMax " +
          "to publish a label, or cut the softmax off and publish the logits",
      );
      return;
    }
    position.set(first + index, first + layers.length);
    layers.push(renumber(layer, position));
    origins.push(origin);
  });
  problems.throwIfAny();
  const outputs = graph.outputs.map((output) => ({ ...output, value: position.get(output.value) ?? output.value }));
  return Object.freeze({ inputs: graph.inputs, layers, origins, outputs });
}

function mergeProducers(node: Node, producer: (id: ValueId) => Node | undefined, graph: FloatGraph): Node {
  const { layer, origin } = node;
  if (layer.kind === "argmax") {
    const before = producer(layer.inputs[0]);
    if (
      before?.layer.kind !== "softmax" ||
      before.layer.inner !== layer.inner ||
      before.layer.classes !== layer.classes
    )
      return node;
    return { layer: { ...layer, inputs: before.layer.inputs }, origin: joinOrigins([before.origin, origin], origin) };
  }
  if (layer.kind !== "linear") return node;
  const producers = layer.inputs.map(producer);
  if (!producers.some((before) => before?.layer.kind === "linear")) return node;
  const sizes = layer.inputs.map((id) => sizeOfValue(id, producer, graph));
  const merged = composeLinear(
    layer,
    producers.map((before) => (before?.layer.kind === "linear" ? before.layer : undefined)),
    sizes,
    (id) => sizeOfValue(id, producer, graph),
  );
  const sources = producers.flatMap((before) => (before?.layer.kind === "linear" ? [before.origin] : []));
  return { layer: merged, origin: joinOrigins([...sources, origin], origin) };
}

function sizeOfValue(id: ValueId, producer: (id: ValueId) => Node | undefined, graph: FloatGraph): number {
  const before = producer(id);
  if (before !== undefined) return layerSize(before.layer);
  return (graph.inputs[id]?.shape ?? []).reduce((product, size) => product * size, 1);
}

/** The product of `outer` with its linear producers; equal inputs share their columns. */
function composeLinear(
  outer: LinearLayer,
  producers: readonly (LinearLayer | undefined)[],
  sizes: readonly number[],
  sizeOf: (id: ValueId) => number,
): LinearLayer {
  const inputs: ValueId[] = [];
  const offsets = new Map<ValueId, number>();
  let columns = 0;
  const place = (id: ValueId): number => {
    const known = offsets.get(id);
    if (known !== undefined) return known;
    offsets.set(id, columns);
    inputs.push(id);
    columns += sizeOf(id);
    return offsets.get(id) ?? 0;
  };
  outer.inputs.forEach((id, position) => (producers[position]?.inputs ?? [id]).forEach(place));

  /** For each column of `outer`: which input it is and which element of it. */
  const owner = sizes.flatMap((size, position) =>
    Array.from({ length: size }, (_, element) => ({ position, element })),
  );
  const bias = Float64Array.from(outer.bias);
  const matrix = buildMatrix(outer.matrix.rows, columns, (row, add) => {
    forEachEntry(outer.matrix, row, (column, weight) => {
      const { position, element } = owner[column] ?? { position: 0, element: 0 };
      const inner = producers[position];
      if (inner === undefined) {
        add(place(outer.inputs[position] ?? 0) + element, weight);
        return;
      }
      bias[row] = (bias[row] ?? 0) + weight * (inner.bias[element] ?? 0);
      const starts = innerColumns(inner, place, sizeOf);
      forEachEntry(inner.matrix, element, (from, factor) => add(starts(from), weight * factor));
    });
  });
  return { kind: "linear", inputs, matrix, bias };
}

/** Where a column of an inner layer lies among the columns of the merged one. */
function innerColumns(
  inner: LinearLayer,
  place: (id: ValueId) => number,
  sizeOf: (id: ValueId) => number,
): (column: number) => number {
  const [only] = inner.inputs;
  if (inner.inputs.length === 1 && only !== undefined) {
    const start = place(only);
    return (column) => start + column;
  }
  const starts: { readonly from: number; readonly to: number }[] = [];
  let from = 0;
  for (const id of inner.inputs) {
    starts.push({ from, to: place(id) });
    from += sizeOf(id);
  }
  return (column) => {
    const part = starts.findLast((candidate) => candidate.from <= column) ?? { from: 0, to: 0 };
    return part.to + column - part.from;
  };
}

function joinOrigins(parts: readonly Origin[], last: Origin): Origin {
  return {
    nodes: [...new Set(parts.flatMap(({ nodes }) => nodes))],
    ops: parts.flatMap(({ ops }) => ops),
    shape: last.shape,
  };
}

function markNeeded(nodes: readonly Node[], outputs: readonly FloatOutput[], first: number): ReadonlySet<ValueId> {
  const needed = new Set<ValueId>();
  const visit = (id: ValueId): void => {
    if (needed.has(id)) return;
    needed.add(id);
    nodes[id - first]?.layer.inputs.forEach(visit);
  };
  for (const { value } of outputs) visit(value);
  return needed;
}

function renumber(layer: Layer, position: ReadonlyMap<ValueId, ValueId>): Layer {
  const move = (id: ValueId): ValueId => position.get(id) ?? id;
  if (layer.kind === "linear") return Object.freeze({ ...layer, inputs: layer.inputs.map(move) });
  return Object.freeze({ ...layer, inputs: [move(layer.inputs[0])] as const });
}
