import { broadcastPositions, broadcastShape } from "../../build/broadcast.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { sumOfProducts } from "../../build/sum-of-products.ts";
import { reshaped, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";

/** The product of (stacks of) matrices by the rules of NumPy's matmul. */
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
  const product = sumOfProducts(graph, a, b, full, (at, add) => {
    const stack = Math.floor(at / (rows * columns));
    const left = ((stackA[stack] ?? 0) * rows + (Math.floor(at / columns) % rows)) * inner;
    const right = (stackB[stack] ?? 0) * inner * columns + (at % columns);
    for (let k = 0; k < inner; k++) add(left + k, right + k * columns);
  });
  const shape = full.filter(
    (_, axis) =>
      !(one.shape.length === 1 && axis === full.length - 2) && !(other.shape.length === 1 && axis === full.length - 1),
  );
  return reshaped(product, shape);
}
