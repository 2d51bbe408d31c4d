import { NodeProblem } from "../compile-error.ts";
import { type NodeView, normalizeAxis, numberAttribute, type Op } from "./op.ts";

export const argmax: Op = {
  shape(view) {
    const shape = view.shape(0);
    const axis = axisOf(view);
    const keep = numberAttribute(view.node, "keepdims", 1) !== 0;
    return shape.flatMap((size, position) => (position !== axis ? [size] : keep ? [1] : []));
  },
  translate(view) {
    if (numberAttribute(view.node, "select_last_index", 0) !== 0)
      throw new NodeProblem(
        "ATTRIBUTE_UNSUPPORTED",
        "select_last_index is not supported; of equals the first one wins",
      );
    return { kind: "argmax", operand: 0, axis: axisOf(view) };
  },
};

function axisOf(view: NodeView): number {
  return normalizeAxis(numberAttribute(view.node, "axis", 0), view.shape(0).length);
}
