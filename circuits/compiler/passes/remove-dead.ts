import { elementCount } from "../../format/tensor.ts";
import type { IntegerGraph } from "../graph/graph.ts";
import type { Layer, LinearLayer, ValueId } from "../graph/layer.ts";
import { buildMatrix, forEachEntry } from "../graph/matrix.ts";
import { keepElements, layerNeeds, layerSize, prunability } from "../layers/table.ts";
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
  const layers = settled.map((layer, index) =>
    keepElements(layer, kept(first + index), layer.inputs.map(kept), sizesOf(layer, sizes)),
  );
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
    const wanted = live[first + index];
    if (layer === undefined || wanted === undefined) continue;
    // A layer without elements could not be written down, so one that nothing needs keeps its first.
    if (wanted.size === 0) wanted.add(0);
    if (prunability(layer) === "never") keepAll(first + index);
    layerNeeds(layer, [...wanted], sizesOf(layer, sizes)).forEach((elements, position) => {
      const needed = live[layer.inputs[position] ?? -1];
      for (const element of elements) needed?.add(element);
    });
  }
  // Another layer may need more of the same input.
  layers.forEach((layer, index) => {
    const given = live[layer.inputs[0]];
    if (prunability(layer) === "aligned" && given !== undefined) live[first + index] = given;
  });
  return live.map((elements) => [...elements].sort((a, b) => a - b));
}

function sizesOf({ inputs }: Layer, sizes: readonly number[]): number[] {
  return inputs.map((id) => sizes[id] ?? 0);
}
