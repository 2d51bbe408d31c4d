import type { ArgmaxLayer } from "../graph/layer.ts";
import type { LayerRules } from "./layer-rules.ts";

export const argmax: LayerRules<ArgmaxLayer> = {
  compute(layer, [input = new Float64Array()]) {
    return Float64Array.from(argmaxGroups(layer), (group) => winner(group.map((at) => input[at] ?? 0)));
  },
  evaluate(layer, [input = []]) {
    return argmaxGroups(layer).map((group) => BigInt(winner(group.map((at) => input[at] ?? 0n))));
  },
  range(layer) {
    return argmaxGroups(layer).map(() => ({ lo: 0n, hi: BigInt(layer.classes - 1) }));
  },
};

/** For each output element, the positions of the input elements that compete for it. */
export function argmaxGroups({ outer, classes, inner }: Omit<ArgmaxLayer, "kind" | "inputs">): number[][] {
  return Array.from({ length: outer * inner }, (_, output) => {
    const first = Math.floor(output / inner) * classes * inner + (output % inner);
    return Array.from({ length: classes }, (_, position) => first + position * inner);
  });
}

/** Only a strictly larger value replaces an earlier one, so that of equals the lowest position wins. */
function winner(values: readonly (number | bigint)[]): number {
  let best = 0;
  values.forEach((value, index) => {
    const leader = values[best];
    if (leader !== undefined && value > leader) best = index;
  });
  return best;
}
