import { normalizeAxis } from "../../build/node-view.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, FREE, type Op } from "../op.ts";
import { everyIndex, pick } from "./move.ts";

/** Bounds are operands since opset 10 and were attributes before. */
export const slice: Op = {
  doc: { takes: "known bounds, axes and steps", cost: FREE, error: EXACT },
  build(view, graph) {
    const given = view.operand(0);
    const [starts, ends] = [view.integers(1, "starts") ?? [], view.integers(2, "ends") ?? []];
    const axes = view.integers(3, "axes") ?? everyIndex(starts.length);
    const steps = view.integers(4, "steps") ?? [];
    if (ends.length !== starts.length || axes.length !== starts.length)
      throw new NodeProblem("SHAPE_MISMATCH", "starts, ends and axes differ in number");
    const lists = given.shape.map((size) => everyIndex(size));
    axes.forEach((named, at) => {
      const axis = normalizeAxis(named, given.shape.length);
      lists[axis] = sliceOf(given.shape[axis] ?? 1, starts[at] ?? 0, ends[at] ?? 0, steps[at] ?? 1);
    });
    return pick(graph, given, lists);
  },
};

/** The positions of start:end:step by the rules of NumPy: what lies outside is cut off, however far. */
function sliceOf(size: number, start: number, end: number, step: number): number[] {
  if (step === 0) throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", "a step of 0 goes nowhere");
  const bound = (value: number, least: number, most: number): number =>
    Math.min(most, Math.max(least, value < 0 ? value + size : value));
  const [first, last] =
    step > 0 ? [bound(start, 0, size), bound(end, 0, size)] : [bound(start, 0, size - 1), bound(end, -1, size - 1)];
  const count = Math.max(0, Math.ceil((last - first) / step));
  return everyIndex(count).map((at) => first + at * step);
}
