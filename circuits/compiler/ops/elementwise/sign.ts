import { affine, weightedSum } from "../../build/arithmetic.ts";
import { EXACT, type Op } from "../op.ts";

/** [x >= 0] - [-x >= 0]. */
export const sign: Op = {
  doc: { takes: "anything", cost: "2n + 2", error: EXACT },
  build(view, graph) {
    const x = view.operand(0);
    const parts = [graph.step(x), graph.step(affine(graph, x, -1))];
    return weightedSum(graph, parts, [1, -1], { type: x.type });
  },
};
