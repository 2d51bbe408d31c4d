import { forEachIndex, knownTensor, sizeOf } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, FREE, type Op } from "../op.ts";

/** Zero below (or above) a diagonal of each matrix. */
export const trilu: Op = {
  doc: { takes: "stacks of matrices, upper or lower, a known k", cost: FREE, error: EXACT },
  build(view, graph) {
    const given = view.operand(0);
    if (given.shape.length < 2)
      throw new NodeProblem("SHAPE_MISMATCH", `Trilu takes matrices, not rank ${given.shape.length}`);
    const k = view.optional(1) === undefined ? 0 : (view.known(1, "k").known[0] ?? 0);
    const upper = view.flag("upper", true);
    const zero = sizeOf(given.shape);
    const from = new Int32Array(zero);
    forEachIndex(given.shape, (at, flat) => {
      const [row = 0, column = 0] = at.slice(-2);
      from[flat] = (upper ? column - row >= k : column - row <= k) ? flat : zero;
    });
    return graph.take([given, knownTensor([1], [0], given.type)], given.shape, from);
  },
};
