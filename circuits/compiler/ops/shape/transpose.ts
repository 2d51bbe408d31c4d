import type { GraphBuilder } from "../../build/graph-builder.ts";
import { normalizeAxis } from "../../build/node-view.ts";
import { stridesOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, FREE, type Op } from "../op.ts";
import { move } from "./move.ts";

export const transpose: Op = {
  doc: { takes: "any order of the axes; reversed if none is given", cost: FREE, error: EXACT },
  build(view, graph) {
    const given = view.operand(0);
    const rank = given.shape.length;
    const order = (view.integersAttribute("perm") ?? [...given.shape.keys()].reverse()).map((axis) =>
      normalizeAxis(axis, rank),
    );
    if (order.length !== rank || new Set(order).size !== rank)
      throw new NodeProblem("SHAPE_MISMATCH", `perm [${order.join(", ")}] does not name each of ${rank} axes once`);
    return permute(graph, given, order);
  },
};

/** Axis i of the result is axis `order[i]` of the tensor. */
export function permute(graph: GraphBuilder, tensor: Tensor, order: readonly number[]): Tensor {
  const strides = stridesOf(tensor.shape);
  const steps = order.map((axis) => strides[axis] ?? 0);
  const shape = order.map((axis) => tensor.shape[axis] ?? 1);
  return move(graph, tensor, shape, (at) => at.reduce((flat, index, axis) => flat + index * (steps[axis] ?? 0), 0));
}
