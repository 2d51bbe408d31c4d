import { z } from "zod";

import { roundHalfUp, roundHalfUpNumber, roundInterval, signedBits } from "../graph/interval.ts";
import type { Layer } from "../graph/layer.ts";
import { count, keepSame, needsSame, oneInput, shift, sizeOfElements, sizeProblems } from "./elementwise.ts";
import type { LayerRules } from "./layer-rules.ts";

export const rescale: LayerRules<Layer<"rescale">> = {
  size: sizeOfElements,
  compute: ({ shift }, [input = new Float64Array()]) => input.map((value) => roundHalfUpNumber(value, shift)),
  evaluate: ({ shift }, [input = []]) => input.map((value) => roundHalfUp(value, shift)),
  range: ({ shift }, [input = []]) => input.map((interval) => roundInterval(interval, shift)),
  lower: ({ shift }, [input = []], builder) => input.map((sum) => builder.round(sum, shift)),
  cost: ({ shift }, [input = []]) =>
    shift === 0 ? 0 : input.reduce((rows, interval) => rows + signedBits(interval) + 1, 0),
  prunable: "aligned",
  needs: needsSame,
  keep: keepSame,
  numbers: () => [],
  problems: sizeProblems,
  schema: z.strictObject({ kind: z.literal("rescale"), inputs: oneInput, size: count, shift }),
  encode: (layer) => ({ ...layer }),
};
