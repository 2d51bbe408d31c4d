import { roundHalfUp, roundHalfUpNumber, roundInterval } from "../graph/interval.ts";
import type { ClipLayer } from "../graph/layer.ts";
import type { LayerRules } from "./layer-rules.ts";

export const clip: LayerRules<ClipLayer> = {
  compute: ({ shift, min, max }, [input = new Float64Array()]) =>
    input.map((value) => Math.min(max ?? Infinity, Math.max(min ?? -Infinity, roundHalfUpNumber(value, shift)))),
  evaluate: (layer, [input = []]) => input.map((value) => clamp(layer, roundHalfUp(value, layer.shift))),
  range: (layer, [input = []]) =>
    input.map((interval) => {
      const { lo, hi } = roundInterval(interval, layer.shift);
      return { lo: clamp(layer, lo), hi: clamp(layer, hi) };
    }),
};

function clamp({ min, max }: ClipLayer, value: bigint): bigint {
  if (min !== null && value < BigInt(min)) return BigInt(min);
  if (max !== null && value > BigInt(max)) return BigInt(max);
  return value;
}
