import { z } from "zod";

import { roundHalfUp, roundHalfUpNumber, roundInterval, signedBits } from "../graph/interval.ts";
import type { Layer } from "../graph/layer.ts";
import { count, keepSame, needsSame, oneInput, shift, sizeOfElements, sizeProblems } from "./elementwise.ts";
import type { LayerRules } from "./layer-rules.ts";

export const relu: LayerRules<Layer<"relu">> = {
  size: sizeOfElements,
  compute: ({ shift }, [input = new Float64Array()]) =>
    input.map((value) => Math.max(0, roundHalfUpNumber(value, shift))),
  evaluate: ({ shift }, [input = []]) => input.map((value) => positive(roundHalfUp(value, shift))),
  range: ({ shift }, [input = []]) =>
    input.map((interval) => {
      const { lo, hi } = roundInterval(interval, shift);
      return { lo: positive(lo), hi: positive(hi) };
    }),
  lower: ({ shift }, [input = []], builder) => input.map((sum) => builder.relu(sum, shift)),
  cost: (_, [input = []], output) =>
    input.reduce((rows, interval, at) => {
      const { lo, hi } = output[at] ?? interval;
      return lo === hi ? rows : rows + signedBits(interval) + 2;
    }, 0),
  prunable: "aligned",
  needs: needsSame,
  keep: keepSame,
  numbers: () => [],
  problems: sizeProblems,
  schema: z.strictObject({ kind: z.literal("relu"), inputs: oneInput, size: count, shift }),
  encode: (layer) => ({ ...layer }),
};

function positive(value: bigint): bigint {
  return value > 0n ? value : 0n;
}
