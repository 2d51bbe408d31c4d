import { broadcastPositions } from "./broadcast.ts";
import type { GraphBuilder } from "./graph-builder.ts";
import { sizeOf, type Tensor } from "./tensor.ts";

/** Adds element `left` of one tensor times element `right` of the other to the row that is being filled. */
export type AddTerm = (left: number, right: number) => void;

/**
 * Any bilinear map: element r of the result is the sum of the products that `fill` names, plus `offset`, which is
 * broadcast. One linear layer if a factor is known, else one product for each term and sums of them.
 */
export function sumOfProducts(
  graph: GraphBuilder,
  one: Tensor,
  other: Tensor,
  shape: readonly number[],
  fill: (row: number, add: AddTerm) => void,
  offset?: Tensor,
): Tensor {
  const type = [one, other, offset ?? one].every((tensor) => tensor.type !== "real") ? "int" : "real";
  const spread = offset === undefined ? undefined : broadcastPositions(offset.shape, shape);
  const sumUp = (
    source: Tensor,
    fillRow: (row: number, add: (column: number, weight: number) => void) => void,
  ): Tensor =>
    graph.linear(
      offset === undefined ? [source] : [source, offset],
      shape,
      (row, add) => {
        fillRow(row, add);
        if (spread !== undefined) add(sizeOf(source.shape) + (spread[row] ?? 0), 1);
      },
      { type },
    );
  const [left, right] = [one.known, other.known];
  if (right !== undefined) return sumUp(one, (row, add) => fill(row, (at, factor) => add(at, right[factor] ?? 0)));
  if (left !== undefined) return sumUp(other, (row, add) => fill(row, (factor, at) => add(at, left[factor] ?? 0)));
  const [lefts, rights, ends]: [number[], number[], number[]] = [[], [], []];
  for (let row = 0; row < sizeOf(shape); row++) {
    fill(row, (at, by) => {
      lefts.push(at);
      rights.push(by);
    });
    ends.push(lefts.length);
  }
  const terms = graph.product(one, other, [lefts.length], lefts, rights, type);
  return sumUp(terms, (row, add) => {
    for (let at = ends[row - 1] ?? 0; at < (ends[row] ?? 0); at++) add(at, 1);
  });
}
