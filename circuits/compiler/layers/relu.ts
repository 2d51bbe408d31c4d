import { roundHalfUp, roundHalfUpNumber, roundInterval } from "../graph/interval.ts";
import type { ReluLayer } from "../graph/layer.ts";
import type { LayerRules } from "./layer-rules.ts";

export const relu: LayerRules<ReluLayer> = {
  compute: ({ shift }, [input = new Float64Array()]) =>
    input.map((value) => Math.max(0, roundHalfUpNumber(value, shift))),
  evaluate: ({ shift }, [input = []]) => input.map((value) => positive(roundHalfUp(value, shift))),
  range: ({ shift }, [input = []]) =>
    input.map((interval) => {
      const { lo, hi } = roundInterval(interval, shift);
      return { lo: positive(lo), hi: positive(hi) };
    }),
};

function positive(value: bigint): bigint {
  return value > 0n ? value : 0n;
}
