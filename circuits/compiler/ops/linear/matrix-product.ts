import { broadcastPositions, broadcastShape } from "../../build/broadcast.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { reshaped, sizeOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";

/**
 * The product of (stacks of) matrices by the rules of NumPy's matmul: one linear layer if a factor is known, else one
 * product for each multiplication and sums of them.
 */
export function multiplyMatrices(graph: GraphBuilder, one: Tensor, other: Tensor): Tensor {
  if (one.shape.length === 0 || other.shape.length === 0)
    throw new NodeProblem("SHAPE_MISMATCH", "a product of matrices takes no scalars");
  const a = one.shape.length === 1 ? reshaped(one, [1, ...one.shape]) : one;
  const b = other.shape.length === 1 ? reshaped(other, [...other.shape, 1]) : other;
  const [rows = 0, inner = 0] = a.shape.slice(-2);
  const [depth = 0, columns = 0] = b.shape.slice(-2);
  if (inner !== depth)
    throw new NodeProblem(
      "SHAPE_MISMATCH",
      `[${one.shape.join(", ")}] and [${other.shape.join(", ")}] do not fit for a product`,
    );
  const [leadA, leadB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const lead = broadcastShape(leadA, leadB);
  const [stackA, stackB] = [broadcastPositions(leadA, lead), broadcastPositions(leadB, lead)];
  const full = [...lead, rows, columns];

  /** Where the two factors of term k of an element are. */
  const left = (at: number, k: number): number =>
    ((stackA[Math.floor(at / (rows * columns))] ?? 0) * rows + (Math.floor(at / columns) % rows)) * inner + k;
  const right = (at: number, k: number): number =>
    ((stackB[Math.floor(at / (rows * columns))] ?? 0) * inner + k) * columns + (at % columns);

  const whole = a.type !== "real" && b.type !== "real" ? "int" : "real";
  const shape = full.filter(
    (_, axis) =>
      !(one.shape.length === 1 && axis === full.length - 2) && !(other.shape.length === 1 && axis === full.length - 1),
  );
  const [knownA, knownB] = [a.known, b.known];
  if (knownA !== undefined || knownB !== undefined) {
    const product = graph.linear(
      [knownB !== undefined ? a : b],
      full,
      (at, add) => {
        for (let k = 0; k < inner; k++) {
          if (knownB !== undefined) add(left(at, k), knownB[right(at, k)] ?? 0);
          else add(right(at, k), knownA?.[left(at, k)] ?? 0);
        }
      },
      { type: whole },
    );
    return reshaped(product, shape);
  }
  const total = sizeOf(full) * inner;
  const terms = graph.product(
    a,
    b,
    [total],
    Int32Array.from({ length: total }, (_, at) => left(Math.floor(at / inner), at % inner)),
    Int32Array.from({ length: total }, (_, at) => right(Math.floor(at / inner), at % inner)),
    whole,
  );
  const sums = graph.linear(
    [terms],
    full,
    (at, add) => {
      for (let k = 0; k < inner; k++) add(at * inner + k, 1);
    },
    { type: whole },
  );
  return reshaped(sums, shape);
}
