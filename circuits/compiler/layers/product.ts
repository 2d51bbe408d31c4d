import { z } from "zod";

import { productInterval, squareInterval } from "../graph/interval.ts";
import type { Layer, ProductLayer } from "../graph/layer.ts";
import type { LayerRules } from "./layer-rules.ts";
import { encodePairs, keepPairs, needsPairs, pairProblems, PAIRS } from "./pairs.ts";

export const product: LayerRules<Layer<"product">> = {
  size: ({ left }) => left.length,
  compute({ left, right }, [a = new Float64Array(), b = new Float64Array()]) {
    const output = new Float64Array(left.length);
    for (let at = 0; at < left.length; at++) output[at] = (a[left[at] ?? 0] ?? 0) * (b[right[at] ?? 0] ?? 0);
    return output;
  },
  evaluate: ({ left, right }, [a = [], b = []]) =>
    Array.from(left, (from, at) => (a[from] ?? 0n) * (b[right[at] ?? 0] ?? 0n)),
  range: (layer, [a = [], b = []]) =>
    Array.from(layer.left, (from, at) => {
      const one = a[from] ?? { lo: 0n, hi: 0n };
      const other = b[layer.right[at] ?? 0] ?? { lo: 0n, hi: 0n };
      return isSquare(layer, at) ? squareInterval(one) : productInterval(one, other);
    }),
  lower: ({ left, right }, [a = [], b = []], builder) =>
    Array.from(left, (from, at) => {
      const [one, other] = [a[from], b[right[at] ?? 0]];
      if (one === undefined || other === undefined)
        throw new RangeError(`element ${at} multiplies what does not exist`);
      return builder.product(one, other);
    }),
  cost: ({ left }) => left.length,
  prunable: "freely",
  needs: needsPairs,
  keep: keepPairs,
  numbers: () => [],
  problems: pairProblems,
  schema: z.strictObject({ kind: z.literal("product"), ...PAIRS }),
  encode: encodePairs,
};

function isSquare({ inputs, left, right }: ProductLayer, at: number): boolean {
  return inputs[0] === inputs[1] && left[at] === right[at];
}
