import type { GraphBuilder } from "../../build/graph-builder.ts";
import { retyped, type Tensor } from "../../build/tensor.ts";
import type { Op } from "../op.ts";
import { perElement, type PerElement, quantizedType } from "./scales.ts";

export const quantizeLinear: Op = {
  doc: {
    takes: "known scales and zero points, per tensor or per axis; 8 or 16 bits",
    cost: "2n + 4; n has about 24 bits more than the operand",
    error: "none: ONNX Runtime's integers, where a sum of products of integers is behind the operand or the input is",
  },
  build(view, graph) {
    const given = view.operand(0);
    const { min, max, width } = quantizedType(view.optional(2));
    const scales = perElement(view, { scale: 1, zero: 2 }, given.shape, view.number("axis", 1));
    return retyped(graph.quantize(given, { ...scales, min, max }), "int", width);
  },
};

export const dequantizeLinear: Op = {
  doc: {
    takes: "known scales and zero points, per tensor or per axis; 8, 16 or 32 bits",
    cost: "0",
    error: "exact: the integers stay what they are, in units of the scale",
  },
  build(view, graph) {
    const given = view.operand(0);
    return dequantize(graph, given, perElement(view, { scale: 1, zero: 2 }, given.shape, view.number("axis", 1)));
  },
};

/** (x - zero) * scale, element by element. */
export function dequantize(graph: GraphBuilder, tensor: Tensor, { scale, zero }: PerElement): Tensor {
  const bias = scale.map((factor, at) => -factor * (zero[at] ?? 0));
  return graph.linear([tensor], tensor.shape, (row, add) => add(row, scale[row] ?? 0), { bias });
}
