import { elementCount } from "../../format/tensor.ts";
import type { IntegerGraph } from "../graph/graph.ts";
import { layerSize } from "../graph/graph.ts";
import type { ClipLayer, Layer, LinearLayer, ReluLayer, RescaleLayer, ValueId } from "../graph/layer.ts";
import { buildMatrix, forEachEntry } from "../graph/matrix.ts";
import type { Ranges } from "./infer-ranges.ts";

/**
 * Removes elements that no output depends on: relus that are always 0 (their constant goes into the next bias) and
 * hidden elements whose every weight was rounded to 0. Inputs and outputs keep their shapes.
 */
export function removeDead(graph: IntegerGraph, ranges: Ranges): IntegerGraph {
  const first = graph.inputs.length;
  const settled = graph.layers.map((layer) => (layer.kind === "linear" ? foldSettled(layer, ranges) : layer));
  const sizes = [...graph.inputs.map(elementCount), ...settled.map(layerSize)];
  const live = markLive(settled, graph, sizes);
  const kept = (id: ValueId): readonly number[] => live[id] ?? [];
  const layers = settled.map((layer, index) => keepElements(layer, kept(first + index), kept, sizes));
  return Object.freeze({ ...graph, layers });
}

/** Elements that can take one value only count as part of the bias. */
function foldSettled(layer: LinearLayer, ranges: Ranges): LinearLayer {
  const elements = layer.inputs.flatMap((id) => ranges[id] ?? []);
  const bias = Array.from(layer.bias, BigInt);
  const matrix = buildMatrix(layer.matrix.rows, layer.matrix.columns, (row, add) => {
    forEachEntry(layer.matrix, row, (column, weight) => {
      const element = elements[column];
      if (element !== undefined && element.lo === element.hi)
        bias[row] = (bias[row] ?? 0n) + BigInt(weight) * element.lo;
      else add(column, weight);
    });
  });
  return { ...layer, matrix, bias: Float64Array.from(bias, Number) };
}

/** For each value, the elements that some output depends on, ascending. */
function markLive(
  layers: readonly Layer[],
  graph: IntegerGraph,
  sizes: readonly number[],
): readonly (readonly number[])[] {
  const first = graph.inputs.length;
  const live = sizes.map(() => new Set<number>());
  const keepAll = (id: ValueId): void => {
    for (let element = 0; element < (sizes[id] ?? 0); element++) live[id]?.add(element);
  };
  graph.inputs.forEach((_, id) => keepAll(id));
  graph.results.forEach(keepAll);
  for (let index = layers.length - 1; index >= 0; index--) {
    const layer = layers[index];
    if (layer === undefined) continue;
    const wanted = live[first + index] ?? new Set();
    // A layer without elements could not be written down, so one that nothing needs keeps its first.
    if (wanted.size === 0) wanted.add(0);
    if (layer.kind === "argmax") {
      keepAll(layer.inputs[0]);
    } else if (layer.kind === "linear") {
      const owners = layer.inputs.flatMap((id) =>
        Array.from({ length: sizes[id] ?? 0 }, (_, element) => ({ id, element })),
      );
      for (const row of wanted)
        forEachEntry(layer.matrix, row, (column) => {
          const owner = owners[column];
          if (owner !== undefined) live[owner.id]?.add(owner.element);
        });
    } else for (const element of wanted) live[layer.inputs[0]]?.add(element);
  }
  return live.map((elements) => [...elements].sort((a, b) => a - b));
}

function keepElements(
  layer: Layer,
  own: readonly number[],
  kept: (id: ValueId) => readonly number[],
  sizes: readonly number[],
): Layer {
  switch (layer.kind) {
    case "linear":
      return keepRows(layer, own, kept, sizes);
    case "argmax":
      return layer;
    default:
      return Object.freeze<ReluLayer | ClipLayer | RescaleLayer>({ ...layer, size: own.length });
  }
}

function keepRows(
  layer: LinearLayer,
  rows: readonly number[],
  kept: (id: ValueId) => readonly number[],
  sizes: readonly number[],
): LinearLayer {
  const moved = new Map<number, number>();
  let [from, to] = [0, 0];
  for (const id of layer.inputs) {
    for (const element of kept(id)) moved.set(from + element, to++);
    from += sizes[id] ?? 0;
  }
  const matrix = buildMatrix(rows.length, to, (row, add) => {
    forEachEntry(layer.matrix, rows[row] ?? 0, (column, weight) => {
      const target = moved.get(column);
      if (target !== undefined) add(target, weight);
    });
  });
  return Object.freeze({ ...layer, matrix, bias: Float64Array.from(rows, (row) => layer.bias[row] ?? 0) });
}
