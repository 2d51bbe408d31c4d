import { z } from "zod";

import type { Sum } from "../gadgets/gadget.ts";
import { roundHalfUp, roundHalfUpNumber, roundInterval, signedBits } from "../graph/interval.ts";
import type { ClipLayer, Layer } from "../graph/layer.ts";
import { plus } from "../lower/sums.ts";
import type { ProgramBuilder } from "../lower/program-builder.ts";
import { count, integer, keepSame, needsSame, oneInput, shift, sizeOfElements, sizeProblems } from "./elementwise.ts";
import type { LayerRules } from "./layer-rules.ts";

export const clip: LayerRules<Layer<"clip">> = {
  size: sizeOfElements,
  compute: ({ shift, min, max }, [input = new Float64Array()]) =>
    input.map((value) => Math.min(max ?? Infinity, Math.max(min ?? -Infinity, roundHalfUpNumber(value, shift)))),
  evaluate: (layer, [input = []]) => input.map((value) => clamp(layer, roundHalfUp(value, layer.shift))),
  range: (layer, [input = []]) =>
    input.map((interval) => {
      const { lo, hi } = roundInterval(interval, layer.shift);
      return { lo: clamp(layer, lo), hi: clamp(layer, hi) };
    }),
  lower: lowerClip,
  cost: ({ min, max }, [input = []], output) =>
    input.reduce((rows, interval, at) => {
      const { lo, hi } = output[at] ?? interval;
      if (lo === hi) return rows;
      const upper = max === null ? 0 : signedBits({ lo, hi }) + 3;
      return rows + signedBits(interval) + (min === null ? 1 : 2) + upper;
    }, 0),
  prunable: "aligned",
  needs: needsSame,
  keep: keepSame,
  numbers: ({ min, max }) => [min ?? 0, max ?? 0],
  problems: (layer, sizes) => [
    ...sizeProblems(layer, sizes),
    ...(layer.min !== null && layer.max !== null && layer.min > layer.max ? ["min is above max"] : []),
  ],
  schema: z.strictObject({
    kind: z.literal("clip"),
    inputs: oneInput,
    size: count,
    shift,
    min: integer.nullable(),
    max: integer.nullable(),
  }),
  encode: (layer) => ({ ...layer }),
};

/**
 * min + relu(r - min) caps r below; what exceeds the other bound is taken off again by a second relu. The first one
 * also rescales: r - min before rounding is the sum less min * 2^shift.
 */
function lowerClip({ shift, min, max }: ClipLayer, [input = []]: readonly (readonly Sum[])[], builder: ProgramBuilder) {
  const bounded = input.map((sum) =>
    min === null
      ? builder.round(sum, shift)
      : plus(builder.relu(plus(sum, -(BigInt(min) << BigInt(shift))), shift), BigInt(min)),
  );
  if (max === null) return bounded;
  return builder.clampAll(bounded, null, BigInt(max));
}

function clamp({ min, max }: ClipLayer, value: bigint): bigint {
  if (min !== null && value < BigInt(min)) return BigInt(min);
  if (max !== null && value > BigInt(max)) return BigInt(max);
  return value;
}
