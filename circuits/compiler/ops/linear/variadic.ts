import { weightedSum } from "../../build/arithmetic.ts";
import { EXACT, FREE, type Op, WEIGHTS_ROUNDED } from "../op.ts";

export const sum: Op = {
  doc: { takes: "any number of operands, with broadcasting", cost: FREE, error: EXACT },
  build(view, graph) {
    const tensors = view.operands();
    return weightedSum(
      graph,
      tensors,
      tensors.map(() => 1),
    );
  },
};

export const mean: Op = {
  doc: { takes: "any number of operands, with broadcasting", cost: FREE, error: WEIGHTS_ROUNDED },
  build(view, graph) {
    const tensors = view.operands();
    return weightedSum(
      graph,
      tensors,
      tensors.map(() => 1 / tensors.length),
    );
  },
};
