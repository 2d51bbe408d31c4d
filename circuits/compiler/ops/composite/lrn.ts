import { sizeOf } from "../../build/tensor.ts";
import type { Op } from "../op.ts";
import { NORMALIZE_ERROR } from "./normalize.ts";

/** Local response normalization: over `size` neighbouring channels, more of them behind than before if it is even. */
export const lrn: Op = {
  doc: {
    takes: "anything",
    cost: "an element: 2 products, n + 1 to round it first, and a table",
    error: NORMALIZE_ERROR,
  },
  build(view, graph) {
    const given = view.operand(0);
    const [alpha, beta, bias] = [view.number("alpha", 0.0001), view.number("beta", 0.75), view.number("bias", 1)];
    const size = view.number("size", 1);
    const [batch = 1, channels = 1] = given.shape;
    const inner = sizeOf(given.shape) / (batch * channels);
    const own = Int32Array.from({ length: sizeOf(given.shape) }, (_, at) => at);
    const squares = graph.product(given, given, given.shape, own, own);
    const sums = graph.linear([squares], given.shape, (row, add) => {
      const channel = Math.floor(row / inner) % channels;
      const first = Math.max(0, channel - Math.floor((size - 1) / 2));
      const last = Math.min(channels - 1, channel + Math.ceil((size - 1) / 2));
      for (let other = first; other <= last; other++) add(row + (other - channel) * inner, 1);
    });
    const factor = graph.curve(sums, {
      name: `(${bias} + ${alpha / size} x)^-${beta}`,
      of: (x) => (bias + (alpha / size) * Math.max(0, x)) ** -beta,
    });
    return graph.product(given, factor, given.shape, own, own);
  },
};
