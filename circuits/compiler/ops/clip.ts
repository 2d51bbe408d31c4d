import { NodeProblem } from "../compile-error.ts";
import { type NodeView, type Op, requireConstant } from "./op.ts";

/** Bounds are operands since opset 11 and were attributes before. */
export const clip: Op = {
  shape: (view) => view.shape(0),
  translate(view) {
    const [min, max] = [bound(view, 1, "min"), bound(view, 2, "max")];
    if (min !== null && max !== null && min > max)
      throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `min ${min} is above max ${max}`);
    return { kind: "clip", operand: 0, min, max };
  },
};

/** Frameworks write "no bound" as the largest float. */
const UNBOUNDED = 3e38;

function bound(view: NodeView, operand: number, name: string): number | null {
  const attribute = view.node.attributes.get(name);
  const given = (view.node.inputs[operand] ?? "") !== "";
  const value = given ? requireConstant(view, operand, name).values[0] : attribute;
  return typeof value === "number" && Math.abs(value) < UNBOUNDED ? value : null;
}
