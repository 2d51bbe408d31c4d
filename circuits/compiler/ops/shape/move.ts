import type { GraphBuilder } from "../../build/graph-builder.ts";
import { forEachIndex, sizeOf, stridesOf, type Tensor } from "../../build/tensor.ts";

/** The elements of a tensor under a new shape, each from the flat position that `from` gives for its coordinates. */
export function move(
  graph: GraphBuilder,
  tensor: Tensor,
  shape: readonly number[],
  from: (at: readonly number[]) => number,
): Tensor {
  const places = new Int32Array(sizeOf(shape));
  forEachIndex(shape, (at, flat) => {
    places[flat] = from(at);
  });
  return graph.take([tensor], shape, places);
}

/** The elements of a tensor whose coordinate along each axis is one of a list, in the list's order. */
export function pick(graph: GraphBuilder, tensor: Tensor, lists: readonly ArrayLike<number>[]): Tensor {
  const strides = stridesOf(tensor.shape);
  const shape = lists.map((list) => list.length);
  return move(graph, tensor, shape, (at) =>
    lists.reduce((flat, list, axis) => flat + (list[at[axis] ?? 0] ?? 0) * (strides[axis] ?? 0), 0),
  );
}

/** 0, 1, ..., size - 1. */
export function everyIndex(size: number): number[] {
  return Array.from({ length: size }, (_, at) => at);
}
