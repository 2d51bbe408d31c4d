import { stridesOf } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, FREE, type Op } from "../op.ts";
import { move } from "./move.ts";

/** Turns the first steps of each sequence around; the rest stays. */
export const reverseSequence: Op = {
  doc: { takes: "known lengths", cost: FREE, error: EXACT },
  build(view, graph) {
    const given = view.operand(0);
    const [batch, time] = [view.number("batch_axis", 1), view.number("time_axis", 0)];
    const lengths = view.known(1, "the length of each sequence").known;
    if (batch === time || lengths.length !== given.shape[batch])
      throw new NodeProblem("SHAPE_MISMATCH", `${lengths.length} lengths do not fit axis ${batch}`);
    const strides = stridesOf(given.shape);
    return move(graph, given, given.shape, (at) => {
      const [length, step] = [lengths[at[batch] ?? 0] ?? 0, at[time] ?? 0];
      const flat = at.reduce((sum, index, axis) => sum + index * (strides[axis] ?? 0), 0);
      return step < length ? flat + (length - 1 - 2 * step) * (strides[time] ?? 0) : flat;
    });
  },
};
