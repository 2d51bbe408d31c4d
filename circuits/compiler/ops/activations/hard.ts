import { affine } from "../../build/arithmetic.ts";
import { groupsAlong } from "../../build/axes.ts";
import { normalizeAxis } from "../../build/node-view.ts";
import { retyped, sizeOf } from "../../build/tensor.ts";
import { EXACT, type Op } from "../op.ts";

export const hardSigmoid: Op = {
  doc: { takes: "anything", cost: "2n + 4", error: EXACT },
  build(view, graph) {
    const line = affine(graph, view.operand(0), view.number("alpha", 0.2), view.number("beta", 0.5));
    return graph.clip(line, 0, 1);
  },
};

/** 1 at the first largest. Before opset 13 an axis meant: all dimensions from there on together. */
export const hardmax: Op = {
  doc: { takes: "any axis", cost: "n + 3 for each element, and 1", error: EXACT },
  build(view, graph) {
    const x = view.operand(0);
    const old = view.opset < 13;
    const axis = normalizeAxis(view.number("axis", old ? 1 : -1), x.shape.length);
    const flat = { outer: sizeOf(x.shape.slice(0, axis)), classes: sizeOf(x.shape.slice(axis)), inner: 1 };
    return retyped(graph.winners(x, old ? flat : groupsAlong(x.shape, axis)), "real");
  },
};
