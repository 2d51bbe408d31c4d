import type { GraphBuilder } from "../../build/graph-builder.ts";
import { broadcastPositions } from "../../build/broadcast.ts";
import { multiply, addTensors } from "../../build/arithmetic.ts";
import { sizeOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { groupsOf } from "../../graph/groups.ts";
import type { Groups } from "../../graph/layer.ts";
import { groupIndices, overGroups, type Reduction, sumOf } from "../order/reduction.ts";

export const NORMALIZE_COST =
  "an element: 2 products, n + 1 to round it first and 2n + 4 to bound it; a table for each group";
export const NORMALIZE_ERROR = "see Sqrt and Div";

export interface Normalized {
  readonly values: Tensor;
  /** What the elements were multiplied with, one for each group. */
  readonly inverse: Tensor;
}

/**
 * (x - mean) / sqrt(variance + epsilon) in each group of n elements. Everything is n times as large, n * x - sum(x), so
 * that no mean is rounded; `inverse` is as much smaller. No element of n is further than sqrt(n - 1) deviations from their mean, whatever intervals
 * say: held there, the result stays narrow.
 */
export function standardize(graph: GraphBuilder, reduction: Reduction, epsilon: number): Normalized {
  const count = reduction.groups.classes;
  const centred = lessMean(graph, reduction);
  return byDeviation(
    graph,
    { ...reduction, tensor: centred },
    {
      name: `1 / sqrt(x / ${count} + ${epsilon * count ** 2})`,
      bound: Math.sqrt(Math.max(1, count - 1)),
      of: (sum) => 1 / Math.sqrt(Math.max(0, sum) / count + epsilon * count ** 2),
    },
  );
}

/** x / sqrt(mean of squares + epsilon) in each group: at most sqrt(n). */
export function rootMeanSquare(graph: GraphBuilder, reduction: Reduction, epsilon: number): Normalized {
  const count = reduction.groups.classes;
  return byDeviation(graph, reduction, {
    name: `1 / sqrt(x / ${count} + ${epsilon})`,
    bound: Math.sqrt(count),
    of: (sum) => 1 / Math.sqrt(Math.max(0, sum) / count + epsilon),
  });
}

interface Deviation {
  readonly name: string;
  readonly bound: number;
  /** What to multiply an element with, from the sum of squares. */
  readonly of: (sum: number) => number;
}

function byDeviation(graph: GraphBuilder, reduction: Reduction, deviation: Deviation): Normalized {
  const { tensor, groups } = reduction;
  const { name, bound, of } = deviation;
  const own = Int32Array.from({ length: sizeOf(tensor.shape) }, (_, at) => at);
  const squares = graph.product(tensor, tensor, tensor.shape, own, own);
  const sum = sumOf(graph, { ...reduction, tensor: squares, shape: [groups.outer * groups.inner] });
  const inverse = graph.curve(sum, { name, of, relative: true });
  const product = graph.product(tensor, inverse, tensor.shape, own, groupIndices(groups));
  return { values: graph.clip(product, -bound, bound), inverse };
}

function lessMean(graph: GraphBuilder, reduction: Reduction): Tensor {
  const { tensor, groups } = reduction;
  const sum = sumOf(graph, { ...reduction, shape: [groups.outer * groups.inner] });
  const shared = overGroups(graph, sum, reduction);
  const size = sizeOf(tensor.shape);
  return graph.linear([tensor, shared], tensor.shape, (row, add) => {
    add(row, groups.classes);
    add(size + row, -1);
  });
}

/** The mean of each group. */
export function meanOf(graph: GraphBuilder, { tensor, groups, shape }: Reduction): Tensor {
  const members = groupsOf(groups);
  return graph.linear([tensor], shape, (row, add) => {
    for (const at of members[row] ?? []) add(at, 1 / groups.classes);
  });
}

/** The tensor times `scale` plus `bias`, where there are any. */
export function affineOf(
  graph: GraphBuilder,
  tensor: Tensor,
  scale: Tensor | undefined,
  bias: Tensor | undefined,
): Tensor {
  for (const factor of [scale, bias]) if (factor !== undefined) broadcastPositions(factor.shape, tensor.shape);
  const scaled = scale === undefined ? tensor : multiply(graph, tensor, scale);
  return bias === undefined ? scaled : addTensors(graph, scaled, bias);
}

/** From an axis to the last one. */
export function groupsFrom(shape: readonly number[], axis: number): Groups {
  if (sizeOf(shape) === 0) throw new NodeProblem("SIZE_INVALID", "nothing can be normalized: the operand is empty");
  return { outer: sizeOf(shape.slice(0, axis)), classes: sizeOf(shape.slice(axis)), inner: 1 };
}
