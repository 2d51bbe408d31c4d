import type { NodeView } from "../../build/node-view.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, type Op } from "../op.ts";

/** Bounds are operands since opset 11 and were attributes before. */
export const clip: Op = {
  doc: { takes: "known bounds or none", cost: "n + 2 for each bound that can be passed", error: EXACT },
  build(view, graph) {
    const [min, max] = [bound(view, 1, "min"), bound(view, 2, "max")];
    if (min !== null && max !== null && min > max)
      throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `min ${min} is above max ${max}`);
    if (min === null && max === null) return view.operand(0);
    return graph.clip(view.operand(0), min, max);
  },
};

/** Frameworks write "no bound" as the largest float. */
const UNBOUNDED = 3e38;

function bound(view: NodeView, operand: number, name: string): number | null {
  const given = view.optional(operand) !== undefined;
  const value = given ? view.known(operand, name).known[0] : view.node.attributes.get(name);
  return typeof value === "number" && Math.abs(value) < UNBOUNDED ? value : null;
}
