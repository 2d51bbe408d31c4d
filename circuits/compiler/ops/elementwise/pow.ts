import { multiply } from "../../build/arithmetic.ts";
import { broadcastShape } from "../../build/broadcast.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { isKnown, knownTensor, retyped, sizeOf, type Tensor } from "../../build/tensor.ts";
import type { Op } from "../op.ts";
import { byValue } from "./by-value.ts";
import { TABLE_ERROR } from "./curve-op.ts";

/** Larger powers of real numbers are cheaper as tables. */
const MOST_PRODUCTS = 3;

export const pow: Op = {
  doc: {
    takes: "a known exponent, a known base, or a base that is never negative",
    cost: "0 for x^0 and x^1, 1 for x^2, 2 for x^3 and their roundings; else a table; two tables and 1 for x^y",
    error: `${TABLE_ERROR}; exact for integers to known powers`,
  },
  build(view, graph) {
    const [base, exponent] = [view.operand(0, "the base"), view.operand(1, "the exponent")];
    const shape = broadcastShape(base.shape, exponent.shape);
    const power = isKnown(exponent)
      ? byValue(graph, base, exponent, shape, (x, n) => powerOf(graph, x, n))
      : isKnown(base)
        ? byValue(graph, exponent, base, shape, (x, b) => graph.curve(x, { name: `${b}^x`, of: (n) => b ** n }))
        : graph.curve(multiply(graph, exponent, graph.curve(base, LOGARITHM)), EXPONENTIAL);
    return base.type === "int" && exponent.type === "int" ? retyped(power, "int", base.width) : power;
  },
};

const LOGARITHM = { name: "Log", of: Math.log };
const EXPONENTIAL = { name: "Exp", of: Math.exp };

function powerOf(graph: GraphBuilder, x: Tensor, exponent: number): Tensor {
  if (!Number.isInteger(exponent) || exponent < 0 || (x.type === "real" && exponent > MOST_PRODUCTS))
    return graph.curve(x, { name: `x^${exponent}`, of: (base) => base ** exponent });
  if (exponent === 0) return knownTensor(x.shape, new Float64Array(sizeOf(x.shape)).fill(1), x.type);
  let power = x;
  for (let factors = 1; factors < exponent; factors++) power = multiply(graph, power, x);
  return power;
}
