import type { FloatOnlyLayer } from "../graph/layer.ts";
import { sizeOfElements } from "./elementwise.ts";
import type { FloatRules } from "./layer-rules.ts";
import { roundHalfEven } from "./whole.ts";

export const quantize: FloatRules<FloatOnlyLayer<"quantize">> = {
  size: sizeOfElements,
  compute: ({ scale, zero, min, max }, [input = new Float64Array()]) =>
    input.map((x, at) => {
      const integer = roundHalfEven(Math.fround(Math.fround(x) / (scale[at] ?? 1))) + (zero[at] ?? 0);
      return Math.max(min, Math.min(max, integer));
    }),
};
