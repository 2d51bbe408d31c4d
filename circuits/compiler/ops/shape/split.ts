import { type NodeView, normalizeAxis } from "../../build/node-view.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, FREE, type Op } from "../op.ts";
import { everyIndex, pick } from "./move.ts";

export const split: Op = {
  doc: { takes: "sizes as attribute or operand, num_outputs, or equal parts", cost: FREE, error: EXACT },
  build(view, graph) {
    const given = view.operand(0);
    const axis = normalizeAxis(view.number("axis", 0), given.shape.length);
    let start = 0;
    return partsOf(view, given.shape[axis] ?? 1).map((length) => {
      const from = start;
      start += length;
      const lists = given.shape.map((size, at) =>
        at === axis ? everyIndex(length).map((position) => from + position) : everyIndex(size),
      );
      return pick(graph, given, lists);
    });
  },
};

/** Without sizes, equal parts; the last may be smaller. */
function partsOf(view: NodeView, size: number): readonly number[] {
  const outputs = view.node.outputs.length;
  const stated = view.integers(1, "split");
  const count = view.number("num_outputs", outputs);
  const each = Math.ceil(size / count);
  const parts = stated ?? everyIndex(count).map((at) => Math.max(0, Math.min(each, size - at * each)));
  if (parts.reduce((sum, part) => sum + part, 0) !== size || parts.some((part) => part < 0) || parts.length < outputs)
    throw new NodeProblem(
      "SHAPE_MISMATCH",
      `parts of [${parts.join(", ")}] do not divide ${size} elements over ${outputs} outputs`,
    );
  return parts;
}
