import { affine, subtract } from "../../build/arithmetic.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import type { NodeView } from "../../build/node-view.ts";
import { reshaped, retyped, type Tensor } from "../../build/tensor.ts";
import { convolve } from "../linear/conv.ts";
import { multiplyMatrices } from "../linear/matrix-product.ts";
import { EXACT, type Op } from "../op.ts";
import { dequantize } from "./quantize-linear.ts";
import { perElement, quantizedType } from "./scales.ts";

const COST = "0 with a known factor; else 1 for each multiplication";

export const matMulInteger: Op = {
  doc: { takes: "zero points known; one factor may be computed", cost: COST, error: EXACT },
  build: (view, graph) => integer(multiplyMatrices(graph, shifted(view, graph, 0, 2), shifted(view, graph, 1, 3))),
};

export const convInteger: Op = {
  doc: { takes: "known weights and zero points", cost: "0", error: EXACT },
  build: (view, graph) =>
    integer(convolve(view, graph, shifted(view, graph, 0, 2), shifted(view, graph, 1, 3), undefined)),
};

const REQUANTIZED = {
  cost: "2n + 4 an element of the result; n has about 24 bits more than the sum of products",
  error: "none: ONNX Runtime's integers",
};

export const qLinearMatMul: Op = {
  doc: { takes: "known scales, zero points and second factor", ...REQUANTIZED },
  build(view, graph) {
    const [a, b] = [real(view, graph, 0, 0), real(view, graph, 3, -1)];
    return requantized(view, graph, multiplyMatrices(graph, a, b), { scale: 6, zero: 7 });
  },
};

export const qLinearConv: Op = {
  doc: { takes: "known weights, bias, scales and zero points", ...REQUANTIZED },
  build(view, graph) {
    const [x, w] = [real(view, graph, 0, 0), real(view, graph, 3, 0)];
    const bias = view.optional(8);
    const scales = perElement(view, { scale: 4, zero: 5 }, [w.shape[0] ?? 1], 0);
    const [input = 1] = view.known(1, "the input's scale").known;
    const offset =
      bias === undefined
        ? undefined
        : dequantize(graph, bias, {
            scale: scales.scale.map((scale) => scale * input),
            zero: new Float64Array(scales.zero.length),
          });
    return requantized(view, graph, convolve(view, graph, x, w, offset), { scale: 6, zero: 7 });
  },
};

/** Operand `position` as real numbers; its scale and zero point are the two operands after it. */
function real(view: NodeView, graph: GraphBuilder, position: number, axis: number): Tensor {
  const given = view.operand(position);
  return dequantize(graph, given, perElement(view, { scale: position + 1, zero: position + 2 }, given.shape, axis));
}

function requantized(
  view: NodeView,
  graph: GraphBuilder,
  tensor: Tensor,
  operands: { readonly scale: number; readonly zero: number },
): Tensor {
  const { min, max, width } = quantizedType(view.optional(operands.zero));
  return retyped(graph.quantize(tensor, { ...perElement(view, operands, tensor.shape, 1), min, max }), "int", width);
}

/** An operand less its zero point: one for all, or one for each row of the first factor or column of the second. */
function shifted(view: NodeView, graph: GraphBuilder, position: number, zeroAt: number): Tensor {
  const given = view.operand(position);
  if (view.optional(zeroAt) === undefined) return given;
  const zero = view.known(zeroAt, "the zero point");
  if (zero.known.length === 1) return affine(graph, given, 1, -(zero.known[0] ?? 0));
  const perRow = position === 0 && zero.shape.length === 1;
  return subtract(graph, given, perRow ? reshaped(zero, [...zero.shape, 1]) : zero);
}

function integer(tensor: Tensor): Tensor {
  return retyped(tensor, tensor.type === "real" ? "real" : "int", tensor.type === "real" ? undefined : "int32");
}
