import { affine, weightedSum } from "../../build/arithmetic.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { type IntegerWidth, retyped, type Tensor } from "../../build/tensor.ts";

const BITS: Readonly<Record<IntegerWidth, number>> = {
  uint8: 8,
  int8: 8,
  uint16: 16,
  int16: 16,
  uint32: 32,
  int32: 32,
  uint64: 64,
  int64: 64,
};

/** No value of a circuit that compiles is an integer beyond this width. */
const WIDEST_WRAPPED = 32;

export function bitsOf(width: IntegerWidth): number {
  return BITS[width];
}

/**
 * An integer modulo 2^bits, in two's complement if the type is signed: x - 2^bits * floor((x + half) / 2^bits). Free
 * where the interval fits the type, because then the quotient is known to be 0.
 */
export function wrapTo(graph: GraphBuilder, tensor: Tensor, width: IntegerWidth): Tensor {
  const bits = BITS[width];
  if (bits > WIDEST_WRAPPED) return retyped(tensor, "int", width);
  const half = width.startsWith("u") ? 0 : 2 ** (bits - 1);
  const turns = graph.whole(affine(graph, tensor, 1, half, "int"), "floor", 2 ** bits);
  return retyped(weightedSum(graph, [tensor, turns], [1, -(2 ** bits)], { type: "int" }), "int", width);
}
