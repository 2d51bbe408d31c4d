import { affine, multiply, subtract } from "../../build/arithmetic.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { retyped, type Tensor } from "../../build/tensor.ts";
import { EXACT, type Op } from "../op.ts";

const ANY = "any two operands, with broadcasting; numbers count as what their scale can tell apart";

/** 1 where `one` is at least `other`. */
export function atLeast(graph: GraphBuilder, one: Tensor, other: Tensor): Tensor {
  return graph.step(subtract(graph, one, other));
}

export function not(graph: GraphBuilder, truth: Tensor): Tensor {
  return affine(graph, truth, -1, 1, "bool");
}

/** Products, not sums: so the interval of a truth value stays [0, 1]. Numbers are equal that are at least each other. */
export function equalTo(graph: GraphBuilder, one: Tensor, other: Tensor): Tensor {
  if (one.type === "bool" && other.type === "bool") return not(graph, exclusive(graph, one, other));
  return both(graph, atLeast(graph, one, other), atLeast(graph, other, one));
}

function both(graph: GraphBuilder, one: Tensor, other: Tensor): Tensor {
  return retyped(multiply(graph, one, other), "bool");
}

/** Truth values differ by the square of their difference. */
function exclusive(graph: GraphBuilder, one: Tensor, other: Tensor): Tensor {
  const difference = subtract(graph, one, other);
  return both(graph, difference, difference);
}

function comparison(compare: (graph: GraphBuilder, one: Tensor, other: Tensor) => Tensor, cost = "n + 1"): Op {
  return {
    doc: { takes: ANY, cost, error: EXACT },
    build: (view, graph) => compare(graph, view.operand(0), view.operand(1)),
  };
}

export const greaterOrEqual = comparison(atLeast);
export const lessOrEqual = comparison((graph, one, other) => atLeast(graph, other, one));
export const greater = comparison((graph, one, other) => not(graph, atLeast(graph, other, one)));
export const less = comparison((graph, one, other) => not(graph, atLeast(graph, one, other)));
export const equal = comparison(equalTo, "2n + 3; 1 for two truth values");

const TRUTHS = "truth values, with broadcasting";

function connective(connect: (graph: GraphBuilder, one: Tensor, other: Tensor) => Tensor): Op {
  return {
    doc: { takes: TRUTHS, cost: "1; 0 with a known operand", error: EXACT },
    build: (view, graph) => connect(graph, view.operand(0), view.operand(1)),
  };
}

export const and = connective(both);
export const or = connective((graph, one, other) => not(graph, both(graph, not(graph, one), not(graph, other))));
export const xor = connective(exclusive);

export const negation: Op = {
  doc: { takes: TRUTHS, cost: "0", error: EXACT },
  build: (view, graph) => not(graph, view.operand(0)),
};
