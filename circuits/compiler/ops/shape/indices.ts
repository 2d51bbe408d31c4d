import type { GraphBuilder } from "../../build/graph-builder.ts";
import { sumOfProducts } from "../../build/sum-of-products.ts";
import { affine } from "../../build/arithmetic.ts";
import type { Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";

/** What operators with computed indices say of them. */
export const CLAMPED =
  "a computed index outside the axis, which ONNX Runtime refuses, is taken as the nearest one inside";

/** Known indices counted from the front. Throws a `NodeProblem` for one outside of [-size, size). */
export function knownIndices(indices: ArrayLike<number>, size: number): Int32Array {
  return Int32Array.from(indices, (index) => {
    if (index < -size || index >= size)
      throw new NodeProblem("SHAPE_MISMATCH", `the index ${index} is outside an axis of ${size} elements`);
    return index < 0 ? index + size : index;
  });
}

/** For each computed index in [-size, size), a one-hot of `size` elements along a new last axis. */
export function hotIndices(graph: GraphBuilder, indices: Tensor, size: number): Tensor {
  const hot = graph.oneHot(affine(graph, indices, 1, size), 2 * size);
  return graph.linear(
    [hot],
    [...indices.shape, size],
    (row, add) => {
      const from = Math.floor(row / size) * 2 * size + (row % size);
      add(from, 1);
      add(from + size, 1);
    },
    { type: "int" },
  );
}

/** Element r is the element of `data` that one-hot number `which(r)` chooses among those at `at(r, position)`. */
export function choose(
  graph: GraphBuilder,
  hot: Tensor,
  data: Tensor,
  shape: readonly number[],
  places: { readonly which: (row: number) => number; readonly at: (row: number, position: number) => number },
): Tensor {
  const size = hot.shape.at(-1) ?? 1;
  const chosen = sumOfProducts(graph, hot, data, shape, (row, add) => {
    const first = places.which(row) * size;
    for (let position = 0; position < size; position++) add(first + position, places.at(row, position));
  });
  return Object.freeze({ ...chosen, type: data.type, ...(data.width !== undefined && { width: data.width }) });
}
