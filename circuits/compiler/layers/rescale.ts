import { roundHalfUp, roundHalfUpNumber, roundInterval } from "../graph/interval.ts";
import type { RescaleLayer } from "../graph/layer.ts";
import type { LayerRules } from "./layer-rules.ts";

export const rescale: LayerRules<RescaleLayer> = {
  compute: ({ shift }, [input = new Float64Array()]) => input.map((value) => roundHalfUpNumber(value, shift)),
  evaluate: ({ shift }, [input = []]) => input.map((value) => roundHalfUp(value, shift)),
  range: ({ shift }, [input = []]) => input.map((interval) => roundInterval(interval, shift)),
};
