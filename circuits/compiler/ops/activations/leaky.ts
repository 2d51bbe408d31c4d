import { addTensors, affine, multiply, subtract, weightedSum } from "../../build/arithmetic.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { knownTensor, type Tensor } from "../../build/tensor.ts";
import { EXACT, type Op } from "../op.ts";
import { atLeast, not } from "../elementwise/compare.ts";
import { positivePart } from "../elementwise/extremes.ts";

const COST = "n + 2; 0 where the sign is known";

export const leakyRelu: Op = {
  doc: { takes: "anything", cost: COST, error: EXACT },
  build(view, graph) {
    const x = view.operand(0);
    const alpha = view.number("alpha", 0.01);
    return weightedSum(graph, [x, positivePart(graph, x)], [alpha, 1 - alpha], { type: x.type });
  },
};

/** max(x, 0) + slope * min(x, 0). */
export const pRelu: Op = {
  doc: {
    takes: "any slope, with broadcasting",
    cost: `${COST}; 1 and a rounding more for a computed slope`,
    error: EXACT,
  },
  build(view, graph) {
    const [x, slope] = [view.operand(0), view.operand(1, "the slope")];
    const positive = positivePart(graph, x);
    return addTensors(graph, positive, multiply(graph, subtract(graph, x, positive), slope));
  },
};

/** x above alpha, else 0: what exceeds alpha, and alpha where anything does. */
export const thresholdedRelu: Op = {
  doc: { takes: "anything", cost: "2n + 3", error: EXACT },
  build: (view, graph) => beyond(graph, view.operand(0), view.number("alpha", 1), view.number("alpha", 1)),
};

export const shrink: Op = {
  doc: { takes: "anything", cost: "4n + 6; 2n + 4 where bias equals lambd", error: EXACT },
  build(view, graph) {
    const x = view.operand(0);
    const [bias, lambda] = [view.number("bias", 0), view.number("lambd", 0.5)];
    const below = beyond(graph, affine(graph, x, -1), lambda, lambda - bias);
    return subtract(graph, beyond(graph, x, lambda, lambda - bias), below);
  },
};

/** x - limit + jump where x is above the limit, else 0. */
function beyond(graph: GraphBuilder, x: Tensor, limit: number, jump: number): Tensor {
  const excess = graph.relu(affine(graph, x, 1, -limit));
  if (jump === 0) return excess;
  const above = not(graph, atLeast(graph, knownTensor([], [limit]), x));
  return weightedSum(graph, [excess, above], [1, jump], { type: x.type });
}
