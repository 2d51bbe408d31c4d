import { addTensors, multiply, subtract } from "../../build/arithmetic.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { isKnown, reshaped, sizeOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, type Op } from "../op.ts";
import { innerGraph } from "./body.ts";

export const conditional: Op = {
  doc: {
    takes: "a known condition, which leaves one branch; or a computed one, if both branches give the same shapes",
    cost: "that of the branch taken; with a computed condition that of both, and 1 for each element of the outputs",
    error: EXACT,
  },
  build(view, graph, inner) {
    const condition = view.operand(0, "the condition");
    const [then, otherwise] = [innerGraph(view, "then_branch"), innerGraph(view, "else_branch")];
    if (isKnown(condition)) return inner((condition.known[0] ?? 0) !== 0 ? then : otherwise);
    const others = inner(otherwise);
    return inner(then).map((one, output) => {
      const other = others[output];
      return one === undefined || other === undefined ? undefined : select(graph, condition, one, other);
    });
  },
};

function select(graph: GraphBuilder, condition: Tensor, one: Tensor, other: Tensor): Tensor {
  if (one.shape.join() !== other.shape.join() || sizeOf(condition.shape) !== 1)
    throw new NodeProblem(
      "SHAPE_DYNAMIC",
      `its branches give [${one.shape.join(", ")}] or [${other.shape.join(", ")}] by a computed condition, and a ` +
        "circuit has one shape; export with the condition fixed",
    );
  const chosen = multiply(graph, reshaped(condition, []), subtract(graph, one, other));
  return Object.freeze({ ...addTensors(graph, other, chosen), type: one.type });
}
