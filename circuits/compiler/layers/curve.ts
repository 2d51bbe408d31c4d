import type { FloatOnlyLayer } from "../graph/layer.ts";
import { sizeOfElements } from "./elementwise.ts";
import type { FloatRules } from "./layer-rules.ts";

export const curve: FloatRules<FloatOnlyLayer<"curve">> = {
  size: sizeOfElements,
  compute: ({ curve }, [input = new Float64Array()]) => input.map((x) => curve.of(x)),
};
