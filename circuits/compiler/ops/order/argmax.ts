import { affine } from "../../build/arithmetic.ts";
import { groupsAlong, withoutAxis } from "../../build/axes.ts";
import { normalizeAxis } from "../../build/node-view.ts";
import { sizeOf } from "../../build/tensor.ts";
import { EXACT, type Op } from "../op.ts";

/** Position of the largest (or, of the negated, smallest) along an axis. */
function extremum(sign: 1 | -1): Op {
  return {
    doc: {
      takes: "any axis; of equals the first, or the last if select_last_index says so",
      cost: "n + 3 for each element that competes, plus 1",
      error: EXACT,
    },
    build(view, graph) {
      const given = view.operand(0);
      const axis = normalizeAxis(view.number("axis", 0), given.shape.length);
      const groups = groupsAlong(given.shape, axis);
      const shape = withoutAxis(given.shape, axis, view.flag("keepdims", true));
      const signed = sign === 1 ? given : affine(graph, given, -1);
      if (!view.flag("select_last_index")) return graph.argmax(signed, groups, shape);
      const { classes, inner } = groups;
      const backwards = Int32Array.from({ length: sizeOf(given.shape) }, (_, at) => {
        const position = Math.floor(at / inner) % classes;
        return at + (classes - 1 - 2 * position) * inner;
      });
      const reversed = graph.take([signed], given.shape, backwards);
      return affine(graph, graph.argmax(reversed, groups, shape), -1, classes - 1);
    },
  };
}

export const argmax: Op = extremum(1);
export const argmin: Op = extremum(-1);
