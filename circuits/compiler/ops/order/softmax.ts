import { groupsAlong } from "../../build/axes.ts";
import { normalizeAxis } from "../../build/node-view.ts";
import { sizeOf } from "../../build/tensor.ts";
import type { Op } from "../op.ts";

/** Before opset 13 an axis meant: all dimensions from there on together. */
function softmaxOp(log: boolean): Op {
  return {
    doc: {
      takes: "any axis; what a known mask hides is left out",
      cost: `0 before an ArgMax; else an element: n + 2, a table${log ? "" : " and 1"}; a table for each group`,
      error: "a table's error, see Exp",
    },
    build(view, graph) {
      const given = view.operand(0);
      const { shape } = given;
      const axis = normalizeAxis(view.number("axis", view.opset < 13 ? 1 : -1), shape.length);
      const flat = { outer: sizeOf(shape.slice(0, axis)), classes: sizeOf(shape.slice(axis)), inner: 1 };
      return graph.softmax(given, view.opset < 13 ? flat : groupsAlong(shape, axis), log);
    },
  };
}

export const softmax: Op = softmaxOp(false);
export const logSoftmax: Op = softmaxOp(true);
