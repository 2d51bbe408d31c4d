import { z } from "zod";

import type { Sum } from "../gadgets/gadget.ts";
import { BIT, bitLength, hull, type Interval } from "../graph/interval.ts";
import type { Layer } from "../graph/layer.ts";
import { plus, ZERO } from "../lower/sums.ts";
import { count, oneInput, sizeProblems } from "./elementwise.ts";
import type { LayerRules } from "./layer-rules.ts";

export const onehot: LayerRules<Layer<"onehot">> = {
  size: ({ size, count }) => size * count,
  compute({ size, count }, [input = new Float64Array()]) {
    const output = new Float64Array(size * count);
    input.forEach((value, at) => {
      output[at * count + Math.max(0, Math.min(count - 1, value))] = 1;
    });
    return output;
  },
  evaluate: ({ count }, [input = []]) =>
    input.flatMap((value) => {
      const named = clamp(value, count);
      return Array.from({ length: count }, (_, position) => (named === BigInt(position) ? 1n : 0n));
    }),
  range: ({ count }, [input = []]) =>
    input.flatMap((interval) => {
      const [lo, hi] = [clamp(interval.lo, count), clamp(interval.hi, count)];
      return Array.from({ length: count }, (_, position): Interval => {
        const at = BigInt(position);
        if (at < lo || at > hi) return NEVER;
        return lo === hi ? ALWAYS : BIT;
      });
    }),
  lower: ({ count }, [given = []], builder) => {
    const input = builder.clampAll(given, 0n, BigInt(count - 1));
    const { lo, hi } = hullOf(input.map((sum) => builder.range(sum)));
    const places = Number(hi - lo) + 1;
    const zeros = (length: number): Sum[] => new Array<Sum>(length).fill(ZERO);
    const named =
      places === 1
        ? input.map(() => [plus(ZERO, 1n)])
        : builder.oneHots(
            input.map((sum) => plus(sum, -lo)),
            places,
          );
    return named.flatMap((hot) => [...zeros(Number(lo)), ...hot, ...zeros(count - Number(hi) - 1)]);
  },
  cost({ size, count }, [input = []]) {
    const { lo, hi } = hullOf(input.map(({ lo, hi }) => ({ lo: clamp(lo, count), hi: clamp(hi, count) })));
    return size * (Number(hi - lo) + 1 + bitLength(hi - lo));
  },
  prunable: "never",
  needs: ({ size }) => [new Array<number>(size).keys()],
  keep: (layer) => layer,
  numbers: () => [],
  problems: sizeProblems,
  schema: z.strictObject({ kind: z.literal("onehot"), inputs: oneInput, size: count, count }),
  encode: (layer) => ({ ...layer }),
};

const NEVER: Interval = Object.freeze({ lo: 0n, hi: 0n });
const ALWAYS: Interval = Object.freeze({ lo: 1n, hi: 1n });

function clamp(value: bigint, count: number): bigint {
  const last = BigInt(count - 1);
  return value < 0n ? 0n : value > last ? last : value;
}

/** Only places that some element can take cost anything. */
function hullOf(intervals: readonly Interval[]): Interval {
  return hull(intervals.flatMap(({ lo, hi }) => [lo, hi]));
}
