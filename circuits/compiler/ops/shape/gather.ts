import { normalizeAxis } from "../../build/node-view.ts";
import { sizeOf, stridesOf } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import type { Op } from "../op.ts";
import { choose, CLAMPED, hotIndices, knownIndices } from "./indices.ts";
import { pick, everyIndex } from "./move.ts";
import { reshaped } from "../../build/tensor.ts";

/** Of indexing with computed integers. */
const CHOSEN = "exact, but computed data is rounded as a factor of Mul is, if indices are computed";
const COST =
  "0 with known indices; else about one for each place that an index can name, and that again for each element read from computed data";

export const gather: Op = {
  doc: { takes: `any axis, known or computed indices, also from the end; ${CLAMPED}`, cost: COST, error: CHOSEN },
  build(view, graph) {
    const [data, indices] = [view.operand(0), view.operand(1, "the indices")];
    const axis = normalizeAxis(view.number("axis", 0), data.shape.length);
    const size = data.shape[axis] ?? 1;
    const shape = [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)];
    if (indices.known !== undefined) {
      const lists = data.shape.map((length) => everyIndex(length));
      lists[axis] = [...knownIndices(indices.known, size)];
      return reshaped(pick(graph, data, lists), shape);
    }
    const [inner, count] = [sizeOf(data.shape.slice(axis + 1)), sizeOf(indices.shape)];
    return choose(graph, hotIndices(graph, indices, size), data, shape, {
      which: (row) => Math.floor(row / inner) % count,
      at: (row, position) => (Math.floor(row / (inner * count)) * size + position) * inner + (row % inner),
    });
  },
};

/** The result has the shape of the indices; each replaces one coordinate of its own place. */
export const gatherElements: Op = {
  doc: { takes: `any axis, known or computed indices, also from the end; ${CLAMPED}`, cost: COST, error: CHOSEN },
  build(view, graph) {
    const [data, indices] = [view.operand(0), view.operand(1, "the indices")];
    const axis = normalizeAxis(view.number("axis", 0), data.shape.length);
    assertWithin(indices.shape, data.shape, axis);
    const size = data.shape[axis] ?? 1;
    const strides = stridesOf(data.shape);
    const lines = linesOf(indices.shape, data.shape, axis);
    if (indices.known !== undefined) {
      const known = knownIndices(indices.known, size);
      const from = lines.map((start, row) => start + (known[row] ?? 0) * (strides[axis] ?? 1));
      return graph.take([data], indices.shape, from);
    }
    return choose(graph, hotIndices(graph, indices, size), data, indices.shape, {
      which: (row) => row,
      at: (row, position) => (lines[row] ?? 0) + position * (strides[axis] ?? 1),
    });
  },
};

/** For each element of `shape`, where its line along the axis starts in a tensor of another shape. */
export function linesOf(shape: readonly number[], within: readonly number[], axis: number): Int32Array {
  const [own, strides] = [stridesOf(shape), stridesOf(within)];
  return Int32Array.from({ length: sizeOf(shape) }, (_, flat) =>
    shape.reduce((sum, size, at) => {
      const position = at === axis ? 0 : Math.floor(flat / (own[at] ?? 1)) % size;
      return sum + position * (strides[at] ?? 0);
    }, 0),
  );
}

/** Indices may cover less than the data along the other axes. */
export function assertWithin(indices: readonly number[], data: readonly number[], axis: number): void {
  if (indices.length === data.length && indices.every((size, at) => at === axis || size <= (data[at] ?? 0))) return;
  throw new NodeProblem("SHAPE_MISMATCH", `indices [${indices.join(", ")}] do not fit data [${data.join(", ")}]`);
}
