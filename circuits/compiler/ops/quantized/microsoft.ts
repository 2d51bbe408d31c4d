import { NodeView } from "../../build/node-view.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { retyped, type Tensor } from "../../build/tensor.ts";
import { leakyRelu } from "../activations/leaky.ts";
import { sigmoid } from "../activations/smooth.ts";
import { add, mul } from "../elementwise/arithmetic.ts";
import { averagePool, globalAveragePool } from "../linear/average-pool.ts";
import { gemm } from "../linear/gemm.ts";
import type { Op } from "../op.ts";
import { softmax } from "../order/softmax.ts";
import { concat } from "../shape/concat.ts";
import { dequantize } from "./quantize-linear.ts";
import { perElement, quantizedType } from "./scales.ts";

/** The opset whose rules the real operators follow. */
const OPSET = 17;

const ERROR = "ONNX Runtime's integers but for ties, which its kernels round after float32 arithmetic";

/** Where a node has its operands: each is followed by its scale and its zero point. */
interface Places {
  readonly operands: readonly number[];
  /** Scale of the result; its zero point follows. */
  readonly result: number;
}

/**
 * Operators of ONNX Runtime's own domain, which its quantizer writes in the "QOperator" format: integers to real
 * numbers, the standard operator on those, and back to integers.
 */
function between(real: Op, places: (view: NodeView) => Places, takes: string): Op {
  return {
    doc: { takes: `${takes}; known scales and zero points`, cost: `${real.doc.cost}, and 2n + 4`, error: ERROR },
    build(view, graph, inner) {
      const { operands, result } = places(view);
      const reals = operands.map((position) => asReal(view, graph, position));
      const built = real.build(new NodeView(view.node, OPSET, reals), graph, inner);
      const [tensor] = "shape" in built ? [built] : built;
      return tensor === undefined ? [] : quantized(view, graph, tensor, result);
    },
  };
}

const one = (): Places => ({ operands: [0], result: 3 });
const two = (): Places => ({ operands: [0, 3], result: 6 });

export const qLinearAdd: Op = between(add, two, "two operands, with broadcasting");
export const qLinearMul: Op = between(mul, two, "two operands, with broadcasting");
export const qLinearSigmoid: Op = between(sigmoid, one, "anything");
export const qLinearLeakyRelu: Op = between(leakyRelu, one, "anything");
export const qLinearSoftmax: Op = between(softmax, one, "any axis");
export const qLinearAveragePool: Op = between(averagePool, one, "channels first");
export const qLinearGlobalAveragePool: Op = between(globalAveragePool, one, "channels first");

/** Scale and zero point of the result come first. */
export const qLinearConcat: Op = between(
  concat,
  (view) => ({
    operands: Array.from({ length: Math.floor((view.count - 2) / 3) }, (_, at) => 2 + 3 * at),
    result: 0,
  }),
  "any number of operands",
);

/** A, B, and C as integers in units of the product of their scales. Without a result's scale it stays real. */
export const qGemm: Op = {
  doc: { takes: "matrices; known scales, zero points, B and C", cost: "2n + 4", error: "ONNX Runtime's integers" },
  build(view, graph, inner) {
    const operands: (Tensor | undefined)[] = [asReal(view, graph, 0), asReal(view, graph, 3, 1)];
    const offset = view.optional(6);
    if (offset !== undefined) {
      const [factor = 1] = view.known(1, "the scale of A").known;
      const [by = 1] = view.known(4, "the scale of B").known;
      const scale = offset.shape.reduce((product, size) => product * size, 1);
      const unit = new Float64Array(scale).fill(factor * by);
      operands.push(dequantize(graph, offset, { scale: unit, zero: new Float64Array(scale) }));
    }
    const built = gemm.build(new NodeView(view.node, OPSET, operands), graph, inner);
    const [tensor] = "shape" in built ? [built] : built;
    if (tensor === undefined) return [];
    return view.optional(7) === undefined ? tensor : quantized(view, graph, tensor, 7);
  },
};

function asReal(view: NodeView, graph: GraphBuilder, position: number, axis = 0): Tensor {
  const given = view.operand(position);
  return dequantize(graph, given, perElement(view, { scale: position + 1, zero: position + 2 }, given.shape, axis));
}

function quantized(view: NodeView, graph: GraphBuilder, tensor: Tensor, scale: number): Tensor {
  const { min, max, width } = quantizedType(view.optional(scale + 1));
  const scales = perElement(view, { scale, zero: scale + 1 }, tensor.shape, 1);
  return retyped(graph.quantize(tensor, { ...scales, min, max }), "int", width);
}
