import { affine } from "../../build/arithmetic.ts";
import { knownTensor } from "../../build/tensor.ts";
import { EXACT, FREE, type Op, WEIGHTS_ROUNDED } from "../op.ts";
import { reductionOf, sumOf } from "../order/reduction.ts";

export const reduceSum: Op = {
  doc: { takes: "known axes", cost: FREE, error: EXACT },
  build: (view, graph) => sumOf(graph, reductionOf(view, graph)),
};

export const reduceMean: Op = {
  doc: { takes: "known axes", cost: FREE, error: WEIGHTS_ROUNDED },
  build(view, graph) {
    const reduction = reductionOf(view, graph);
    const [sum, { classes }] = [sumOf(graph, reduction), reduction.groups];
    if (sum.known !== undefined && sum.type !== "real")
      return knownTensor(
        sum.shape,
        sum.known.map((total) => Math.trunc(total / classes)),
        "int",
      );
    return classes === 1 ? sum : affine(graph, sum, 1 / classes, 0, "real");
  },
};
