import type { FloatOnlyLayer } from "../graph/layer.ts";
import { sizeOfElements } from "./elementwise.ts";
import type { FloatRules } from "./layer-rules.ts";

export const whole: FloatRules<FloatOnlyLayer<"whole">> = {
  size: sizeOfElements,
  compute: ({ mode, divisor }, [input = new Float64Array()]) => {
    const round = ROUNDINGS[mode];
    return input.map((x) => round(x / divisor) + 0);
  },
};

const ROUNDINGS: Readonly<Record<FloatOnlyLayer<"whole">["mode"], (x: number) => number>> = {
  floor: Math.floor,
  ceil: Math.ceil,
  trunc: Math.trunc,
  even: roundHalfEven,
};

/** As ONNX rounds: of two equally near integers, the even one. */
export function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  if (rest !== 0.5) return rest < 0.5 ? down : down + 1;
  return down % 2 === 0 ? down : down + 1;
}
