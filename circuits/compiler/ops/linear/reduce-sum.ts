import { affine } from "../../build/arithmetic.ts";
import { retyped } from "../../build/tensor.ts";
import { EXACT, FREE, type Op, WEIGHTS_ROUNDED } from "../op.ts";
import { reductionOf, sumOf } from "../order/reduction.ts";

export const reduceSum: Op = {
  doc: { takes: "known axes", cost: FREE, error: EXACT },
  build: (view, graph) => sumOf(graph, reductionOf(view, graph)),
};

export const reduceMean: Op = {
  doc: { takes: "known axes", cost: "0; n + 1 for a mean of integers, which is cut off", error: WEIGHTS_ROUNDED },
  build(view, graph) {
    const reduction = reductionOf(view, graph);
    const [sum, { classes }] = [sumOf(graph, reduction), reduction.groups];
    if (sum.type !== "real") return retyped(graph.whole(sum, "trunc", classes), "int", sum.width);
    return classes === 1 ? sum : affine(graph, sum, 1 / classes);
  },
};
