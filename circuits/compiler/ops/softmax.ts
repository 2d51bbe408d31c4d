import { normalizeAxis, numberAttribute, type Op } from "./op.ts";

/** Softmax and its logarithm: both are monotone, so before an ArgMax neither changes the answer. */
export const softmax: Op = {
  shape: (view) => view.shape(0),
  translate(view) {
    const fallback = view.opset < 13 ? 1 : -1;
    return {
      kind: "softmax",
      operand: 0,
      axis: normalizeAxis(numberAttribute(view.node, "axis", fallback), view.shape(0).length),
    };
  },
};
