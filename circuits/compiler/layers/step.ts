import { z } from "zod";

import { BIT, type Interval, signedBits } from "../graph/interval.ts";
import type { Layer } from "../graph/layer.ts";
import { count, keepSame, needsSame, oneInput, sizeOfElements, sizeProblems } from "./elementwise.ts";
import type { LayerRules } from "./layer-rules.ts";

export const step: LayerRules<Layer<"step">> = {
  size: sizeOfElements,
  compute: (_, [input = new Float64Array()]) => input.map((value) => (value >= 0 ? 1 : 0)),
  evaluate: (_, [input = []]) => input.map((value) => (value >= 0n ? 1n : 0n)),
  range: (_, [input = []]) => input.map(stepInterval),
  lower: (_, [input = []], builder) => input.map((sum) => builder.step(sum)),
  cost: (_, [input = []]) => input.reduce((rows, interval) => rows + signedBits(interval) + 1, 0),
  prunable: "aligned",
  needs: needsSame,
  keep: keepSame,
  numbers: () => [],
  problems: sizeProblems,
  schema: z.strictObject({ kind: z.literal("step"), inputs: oneInput, size: count }),
  encode: (layer) => ({ ...layer }),
};

function stepInterval({ lo, hi }: Interval): Interval {
  if (lo >= 0n) return { lo: 1n, hi: 1n };
  return hi < 0n ? { lo: 0n, hi: 0n } : BIT;
}
