import { groupedSize, groupsOf } from "../graph/groups.ts";
import type { FloatOnlyLayer } from "../graph/layer.ts";
import type { FloatRules } from "./layer-rules.ts";

export const softmax: FloatRules<FloatOnlyLayer<"softmax">> = {
  size: groupedSize,
  compute(layer, [input = new Float64Array()]) {
    const output = new Float64Array(input.length);
    for (const group of groupsOf(layer)) {
      const largest = group.reduce((most, at) => Math.max(most, input[at] ?? 0), -Infinity);
      let sum = 0;
      for (const at of group) sum += Math.exp((input[at] ?? 0) - largest);
      for (const at of group) {
        const distance = (input[at] ?? 0) - largest;
        output[at] = layer.log ? distance - Math.log(sum) : Math.exp(distance) / sum;
      }
    }
    return output;
  },
};
