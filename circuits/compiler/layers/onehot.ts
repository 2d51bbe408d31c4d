import { z } from "zod";

import { BIT, bitLength, type Interval } from "../graph/interval.ts";
import type { Layer } from "../graph/layer.ts";
import { count, oneInput } from "./elementwise.ts";
import type { LayerRules } from "./layer-rules.ts";

export const onehot: LayerRules<Layer<"onehot">> = {
  size: ({ size, count }) => size * count,
  compute({ size, count }, [input = new Float64Array()]) {
    const output = new Float64Array(size * count);
    input.forEach((value, at) => {
      if (value >= 0 && value < count) output[at * count + value] = 1;
    });
    return output;
  },
  evaluate: ({ count }, [input = []]) =>
    input.flatMap((value) => Array.from({ length: count }, (_, position) => (value === BigInt(position) ? 1n : 0n))),
  range: (layer, [input = []]) =>
    input.flatMap(({ lo, hi }) =>
      Array.from({ length: layer.count }, (_, position): Interval => {
        const at = BigInt(position);
        if (at < lo || at > hi) return { lo: 0n, hi: 0n };
        return lo === hi ? { lo: 1n, hi: 1n } : BIT;
      }),
    ),
  lower: ({ count }, [input = []], builder) => builder.oneHots(input, count).flat(),
  cost: ({ size, count }) => size * (count + bitLength(BigInt(count))),
  prunable: "never",
  needs: ({ size }) => [new Array<number>(size).keys()],
  keep: (layer) => layer,
  numbers: () => [],
  problems({ size }, [given = 0]) {
    return given === size ? [] : [`is made for ${size} elements, gets ${given}`];
  },
  schema: z.strictObject({ kind: z.literal("onehot"), inputs: oneInput, size: count, count }),
  encode: (layer) => ({ ...layer }),
};
