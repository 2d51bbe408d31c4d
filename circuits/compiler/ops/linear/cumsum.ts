import { normalizeAxis } from "../../build/node-view.ts";
import { stridesOf } from "../../build/tensor.ts";
import { EXACT, FREE, type Op } from "../op.ts";

/** Each element becomes the sum of those up to it along an axis. */
export const cumSum: Op = {
  doc: { takes: "a known axis, exclusive, reverse", cost: FREE, error: EXACT },
  build(view, graph) {
    const given = view.operand(0);
    const axis = normalizeAxis(view.known(1, "the axis").known[0] ?? 0, given.shape.length);
    const [stride, size] = [stridesOf(given.shape)[axis] ?? 1, given.shape[axis] ?? 1];
    const [exclusive, reverse] = [view.flag("exclusive"), view.flag("reverse")];
    return graph.linear(
      [given],
      given.shape,
      (row, add) => {
        const at = Math.floor(row / stride) % size;
        const start = row - at * stride;
        const [from, to] = reverse ? [exclusive ? at + 1 : at, size] : [0, exclusive ? at : at + 1];
        for (let position = from; position < to; position++) add(start + position * stride, 1);
      },
      { type: given.type === "real" ? "real" : "int" },
    );
  },
};
