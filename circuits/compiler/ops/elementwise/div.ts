import { affine, multiply, weightedSum } from "../../build/arithmetic.ts";
import { broadcastShape } from "../../build/broadcast.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { isKnown, knownTensor, retyped, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import type { Op } from "../op.ts";
import { byValue } from "./by-value.ts";
import { TABLE_ERROR } from "./curve-op.ts";
import { computedRemainder, truncatedQuotient } from "./quotient.ts";

const RECIPROCAL = { name: "Reciprocal", of: (x: number): number => 1 / x };

export const div: Op = {
  doc: {
    takes:
      "any two real operands: a computed divisor nearer to 0 than one unit of its scale counts as that unit; " +
      "integers, cut off towards zero; a computed divisor of 0, for which ONNX Runtime has no answer, counts as 1",
    cost:
      "0 by a known divisor; else Reciprocal of the divisor and 1; integers: 2n + 2 by a known divisor, else the bits of " +
      "the quotient, twice those of the divisor and 4, and 2n + 3 for each of the two that may be negative",
    error: `${TABLE_ERROR} for a computed divisor's reciprocal, and a share of it where the dividend is computed; exact for integers`,
  },
  build(view, graph) {
    const [dividend, divisor] = [view.operand(0), view.operand(1)];
    if (dividend.type === "real" || divisor.type === "real") return realQuotient(graph, dividend, divisor);
    const quotient = isKnown(divisor)
      ? wholeQuotient(graph, dividend, divisor, "trunc")
      : truncatedQuotient(graph, dividend, divisor);
    return retyped(quotient, "int", dividend.width);
  },
};

function realQuotient(graph: GraphBuilder, dividend: Tensor, divisor: Tensor): Tensor {
  if (divisor.known === undefined) {
    // Small reciprocals count as much as large ones where what they multiply may be large.
    const relative = dividend.known === undefined;
    return multiply(graph, dividend, graph.curve(divisor, { ...RECIPROCAL, relative }));
  }
  if (divisor.known.includes(0) && dividend.known === undefined)
    throw new NodeProblem("OPERAND_UNSUPPORTED", "dividing by zero");
  const inverse = divisor.known.map((element) => 1 / element);
  return multiply(graph, dividend, knownTensor(divisor.shape, inverse));
}

/** Quotients of integers as integers: "trunc" as ONNX divides, "floor" for what its modulus is about. */
export function wholeQuotient(
  graph: GraphBuilder,
  dividend: Tensor,
  divisor: Tensor & { readonly known: Float64Array },
  mode: "floor" | "trunc",
): Tensor {
  const shape = broadcastShape(dividend.shape, divisor.shape);
  if (divisor.known.includes(0)) throw new NodeProblem("OPERAND_UNSUPPORTED", "dividing by zero");
  return byValue(graph, dividend, divisor, shape, (elements, by) =>
    by > 0 ? graph.whole(elements, mode, by) : graph.whole(affine(graph, elements, -1), mode, -by),
  );
}

/** What is left of a division, with the sign of the divisor ("floor") or of the dividend ("trunc"). */
export function remainder(graph: GraphBuilder, dividend: Tensor, divisor: Tensor, mode: "floor" | "trunc"): Tensor {
  if (!isKnown(divisor)) return computedRemainder(graph, dividend, divisor, mode);
  const quotient = wholeQuotient(graph, dividend, divisor, mode);
  const type = dividend.type === "real" || divisor.type === "real" ? "real" : "int";
  return weightedSum(graph, [dividend, multiply(graph, quotient, divisor)], [1, -1], { type });
}
