import { broadcastPositions } from "../../build/broadcast.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import type { NodeView } from "../../build/node-view.ts";
import { addTensors, affine } from "../../build/arithmetic.ts";
import { sizeOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { type Op, WEIGHTS_ROUNDED } from "../op.ts";
import { multiplyMatrices } from "./matrix-product.ts";

/** alpha * op(A) * op(B) + beta * C. */
export const gemm: Op = {
  doc: {
    takes: "matrices, transposed or not; B and C known or computed",
    cost: "0 with a known B; else rows x inner x columns, and n + 1 for each factor that is rounded first",
    error: WEIGHTS_ROUNDED,
  },
  build(view, graph) {
    const [a, b] = [transposed(view, graph, 0, "transA"), transposed(view, graph, 1, "transB")];
    const product = affineUnless(graph, multiplyMatrices(graph, a, b), view.number("alpha", 1));
    const offset = view.optional(2);
    if (offset === undefined) return product;
    broadcastPositions(offset.shape, product.shape);
    return addTensors(graph, product, affineUnless(graph, offset, view.number("beta", 1)));
  },
};

function affineUnless(graph: GraphBuilder, tensor: Tensor, factor: number): Tensor {
  return factor === 1 ? tensor : affine(graph, tensor, factor);
}

function transposed(view: NodeView, graph: GraphBuilder, position: number, attribute: string): Tensor {
  const tensor = view.operand(position);
  const [rows = 0, columns = 0] = tensor.shape;
  if (tensor.shape.length !== 2)
    throw new NodeProblem("SHAPE_MISMATCH", `Gemm takes matrices, not rank ${tensor.shape.length}`);
  if (!view.flag(attribute)) return tensor;
  const from = Int32Array.from(
    { length: sizeOf(tensor.shape) },
    (_, at) => (at % rows) * columns + Math.floor(at / rows),
  );
  return graph.take([tensor], [columns, rows], from);
}
