import { z } from "zod";

import { bitLength, type Interval, signedBits } from "../graph/interval.ts";
import type { Layer } from "../graph/layer.ts";
import { plus, ZERO } from "../lower/sums.ts";
import { andInterval, andSums, MAGNITUDE_LIMIT } from "./bitand.ts";
import { count, integer, needsSame, oneInput, sizeOfElements, sizeProblems } from "./elementwise.ts";
import type { LayerRules } from "./layer-rules.ts";

export const mask: LayerRules<Layer<"mask">> = {
  size: sizeOfElements,
  compute: ({ masks }, [input = new Float64Array()]) =>
    input.map((value, at) =>
      Math.abs(value) < MAGNITUDE_LIMIT ? Number(BigInt(Math.round(value)) & maskAt(masks, at)) : NaN,
    ),
  evaluate: ({ masks }, [input = []]) => input.map((value, at) => value & maskAt(masks, at)),
  range: ({ masks }, [input = []]) => input.map((interval, at) => andInterval(interval, only(maskAt(masks, at)))),
  lower: ({ masks }, [input = []], builder) =>
    input.map((sum, at) => andSums(sum, plus(ZERO, maskAt(masks, at)), builder)),
  cost: (_, [input = []]) =>
    input.reduce((rows, interval) => rows + (interval.lo < 0n ? signedBits(interval) : bitLength(interval.hi)) + 1, 0),
  prunable: "aligned",
  needs: needsSame,
  keep: (layer, wanted) =>
    Object.freeze({ ...layer, size: wanted.length, masks: wanted.map((at) => layer.masks[at] ?? 0) }),
  numbers: ({ masks }) => masks,
  problems: (layer, sizes) => [
    ...sizeProblems(layer, sizes),
    ...(layer.masks.length === layer.size ? [] : [`has ${layer.masks.length} masks for ${layer.size} elements`]),
  ],
  schema: z.strictObject({ kind: z.literal("mask"), inputs: oneInput, size: count, masks: z.array(integer) }),
  encode: (layer) => ({ ...layer }),
};

function maskAt(masks: readonly number[], at: number): bigint {
  return BigInt(masks[at] ?? 0);
}

function only(value: bigint): Interval {
  return { lo: value, hi: value };
}
