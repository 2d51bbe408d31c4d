import type { FloatGraph, FloatOutput } from "../graph/graph.ts";
import type { LinearLayer, Origin, ValueId } from "../graph/layer.ts";
import { buildMatrix, entryCount, forEachEntry } from "../graph/matrix.ts";
import { columnOwners } from "../layers/linear.ts";
import { layerSize } from "../layers/table.ts";
import type { ExpandedLayer } from "./expand-softmax.ts";
import { rewire } from "./rewire.ts";

interface Node {
  readonly layer: ExpandedLayer;
  readonly origin: Origin;
}

/** Merging a tall matrix with a wide one would multiply what both hold; a chain may keep a bottleneck. */
const GROWTH = 2;

/** Merges chains of linear layers into one, unless that would hold far more weights, and drops what no output needs. */
export function fuse(graph: FloatGraph<ExpandedLayer>): FloatGraph<ExpandedLayer> {
  const first = graph.inputs.length;
  const nodes: Node[] = [];
  const sizeOf = (id: ValueId): number => {
    const node = nodes[id - first];
    return node === undefined ? elementsOf(graph.inputs[id]?.shape ?? []) : layerSize(node.layer);
  };
  graph.layers.forEach((layer, index) => {
    const origin = graph.origins[index] ?? { nodes: [], ops: [], shape: [] };
    nodes.push(merge({ layer, origin }, (id) => nodes[id - first], sizeOf));
  });
  const kept = markNeeded(nodes, graph.outputs, first);
  const position = new Map<ValueId, ValueId>(graph.inputs.map((_, id) => [id, id]));
  const move = (id: ValueId): ValueId => position.get(id) ?? id;
  const layers: ExpandedLayer[] = [];
  const origins: Origin[] = [];
  nodes.forEach(({ layer, origin }, index) => {
    if (!kept.has(first + index)) return;
    position.set(first + index, first + layers.length);
    layers.push(rewire(layer, move));
    origins.push(origin);
  });
  const outputs = graph.outputs.map((output) => ({ ...output, value: move(output.value) }));
  return Object.freeze({ inputs: graph.inputs, layers, origins, outputs });
}

function merge(node: Node, producer: (id: ValueId) => Node | undefined, sizeOf: (id: ValueId) => number): Node {
  const { layer, origin } = node;
  if (layer.kind !== "linear") return node;
  const producers = layer.inputs.map((id) => {
    const before = producer(id);
    return before?.layer.kind === "linear" ? { layer: before.layer, origin: before.origin } : undefined;
  });
  const inners = producers.map((before) => before?.layer);
  if (inners.every((inner) => inner === undefined) || isWasteful(layer, inners, sizeOf)) return node;
  const nodes = [...new Set([...producers.flatMap((before) => before?.origin.nodes ?? []), ...origin.nodes])];
  const ops = [...new Set([...producers.flatMap((before) => before?.origin.ops ?? []), ...origin.ops])];
  return { layer: compose(layer, inners, sizeOf), origin: { nodes, ops, shape: origin.shape } };
}

type Inners = readonly (LinearLayer | undefined)[];

function isWasteful(outer: LinearLayer, inners: Inners, sizeOf: (id: ValueId) => number): boolean {
  const owner = columnOwners(outer.inputs.map(sizeOf));
  let merged = 0;
  for (const column of outer.matrix.column) {
    const { input, element } = owner(column);
    const inner = inners[input]?.matrix;
    merged += inner === undefined ? 1 : (inner.start[element + 1] ?? 0) - (inner.start[element] ?? 0);
  }
  const before = inners.reduce((sum, inner) => sum + (inner === undefined ? 0 : entryCount(inner.matrix)), 0);
  return merged > GROWTH * (before + entryCount(outer.matrix)) + 1024;
}

/** The product of `outer` with its linear producers; equal inputs share their columns. */
function compose(outer: LinearLayer, inners: Inners, sizeOf: (id: ValueId) => number): LinearLayer {
  const inputs: ValueId[] = [];
  const offsets = new Map<ValueId, number>();
  let columns = 0;
  outer.inputs.forEach((id, position) => {
    for (const source of inners[position]?.inputs ?? [id]) {
      if (offsets.has(source)) continue;
      offsets.set(source, columns);
      inputs.push(source);
      columns += sizeOf(source);
    }
  });
  const place = (id: ValueId | undefined): number => offsets.get(id ?? -1) ?? 0;
  const owner = columnOwners(outer.inputs.map(sizeOf));
  const innerOwners = inners.map((inner) => columnOwners((inner?.inputs ?? []).map(sizeOf)));
  const bias = Float64Array.from(outer.bias);
  const matrix = buildMatrix(outer.matrix.rows, columns, (row, add) => {
    forEachEntry(outer.matrix, row, (column, weight) => {
      const { input, element } = owner(column);
      const inner = inners[input];
      if (inner === undefined) {
        add(place(outer.inputs[input]) + element, weight);
        return;
      }
      bias[row] = (bias[row] ?? 0) + weight * (inner.bias[element] ?? 0);
      forEachEntry(inner.matrix, element, (from, factor) => {
        const source = innerOwners[input]?.(from) ?? { input: 0, element: 0 };
        add(place(inner.inputs[source.input]) + source.element, weight * factor);
      });
    });
  });
  return Object.freeze({ kind: "linear", inputs, matrix, bias });
}

function markNeeded(nodes: readonly Node[], outputs: readonly FloatOutput[], first: number): ReadonlySet<ValueId> {
  const needed = new Set<ValueId>();
  const waiting = outputs.map(({ value }) => value);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (needed.has(id)) continue;
    needed.add(id);
    waiting.push(...(nodes[id - first]?.layer.inputs ?? []));
  }
  return needed;
}

function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
