import type { GraphBuilder } from "../../build/graph-builder.ts";
import { reshaped, sizeOf, stridesOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import type { Op } from "../op.ts";
import { choose, CLAMPED, hotIndices, knownIndices } from "./indices.ts";

/** The last axis of the indices holds coordinates of blocks of the data. */
export const gatherNd: Op = {
  doc: {
    takes: `known or computed indices, batch_dims; ${CLAMPED}`,
    cost: "as Gather, for one coordinate after the other",
    error: "as Gather",
  },
  build(view, graph) {
    const [data, indices] = [view.operand(0), view.operand(1, "the indices")];
    const batchAxes = view.number("batch_dims", 0);
    const depth = indices.shape.at(-1) ?? 0;
    const batch = data.shape.slice(0, batchAxes);
    if (batchAxes + depth > data.shape.length || indices.shape.slice(0, batchAxes).join() !== batch.join())
      throw new NodeProblem(
        "SHAPE_MISMATCH",
        `indices [${indices.shape.join(", ")}] do not fit data [${data.shape.join(", ")}]`,
      );
    const named = data.shape.slice(batchAxes, batchAxes + depth);
    const block = data.shape.slice(batchAxes + depth);
    const shape = [...indices.shape.slice(0, -1), ...block];
    const tuples = sizeOf(indices.shape.slice(0, -1));
    const perBatch = Math.max(1, tuples / sizeOf(batch));
    const start = (tuple: number): number => Math.floor(tuple / perBatch) * sizeOf(named) * sizeOf(block);
    const flat = reshaped(indices, [tuples, depth]);
    if (flat.known !== undefined) {
      const known = flatIndices(flat.known, named).map((at, tuple) => at * sizeOf(block) + start(tuple));
      const from = Int32Array.from({ length: sizeOf(shape) }, (_, row) => {
        const tuple = Math.floor(row / sizeOf(block));
        return (known[tuple] ?? 0) + (row % sizeOf(block));
      });
      return graph.take([data], shape, from);
    }
    return reshaped(narrow(graph, data, flat, [...named, sizeOf(block)], start), shape);
  },
};

/** Chooses along one coordinate after the other: each leaves less for the next one to choose from. */
function narrow(
  graph: GraphBuilder,
  data: Tensor,
  indices: Tensor,
  sizes: readonly number[],
  start: (tuple: number) => number,
): Tensor {
  const [tuples = 0, depth = 0] = indices.shape;
  let rest = data;
  for (let coordinate = 0; coordinate < depth; coordinate++) {
    const column = graph.take(
      [indices],
      [tuples],
      Int32Array.from({ length: tuples }, (_, tuple) => tuple * depth + coordinate),
    );
    const [size, inner] = [sizes[coordinate] ?? 1, sizeOf(sizes.slice(coordinate + 1))];
    const first = coordinate === 0 ? start : (tuple: number): number => tuple * size * inner;
    rest = choose(graph, hotIndices(graph, column, size), rest, [tuples, inner], {
      which: (row) => Math.floor(row / inner),
      at: (row, position) => first(Math.floor(row / inner)) + position * inner + (row % inner),
    });
  }
  return rest;
}

/** Coordinates, `sizes.length` for each tuple, as flat positions. */
export function flatIndices(coordinates: Float64Array, sizes: readonly number[]): Int32Array {
  const strides = stridesOf(sizes);
  const depth = sizes.length;
  return Int32Array.from({ length: depth === 0 ? 1 : coordinates.length / depth }, (_, tuple) =>
    sizes.reduce((sum, size, axis) => {
      const [at = 0] = knownIndices([coordinates[tuple * depth + axis] ?? 0], size);
      return sum + at * (strides[axis] ?? 0);
    }, 0),
  );
}
