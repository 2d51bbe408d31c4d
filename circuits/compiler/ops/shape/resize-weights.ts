import type { NodeView } from "../../build/node-view.ts";
import { NodeProblem } from "../../compile-error.ts";
import type { ResizedAxis } from "./resize-coordinates.ts";

/** An element of the operand and its share in an element of the result. */
export interface Share {
  readonly at: number;
  readonly weight: number;
}

/** For a coordinate in the operand, the elements along the axis that take part. */
export function shareMap(view: NodeView, axis: ResizedAxis): (x: number) => Share[] {
  const mode = view.text("mode", "nearest");
  const inside = (at: number): number => Math.min(axis.from - 1, Math.max(0, at));
  switch (mode) {
    case "nearest": {
      const round = roundingOf(view, axis);
      return (x) => [{ at: inside(round(x)), weight: 1 }];
    }
    case "linear":
      return (x) => {
        const within = inside(x);
        const [low, part] = [Math.floor(within), within - Math.floor(within)];
        if (part === 0) return [{ at: low, weight: 1 }];
        return [
          { at: low, weight: 1 - part },
          { at: low + 1, weight: part },
        ];
      };
    case "cubic":
      return cubicShares(view, axis, inside);
    default:
      throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `mode "${mode}" is not known`);
  }
}

/** Before opset 11 the way to round was: up when the axis shrinks, else down. */
function roundingOf(view: NodeView, { scale }: ResizedAxis): (x: number) => number {
  if (view.opset < 11) return scale < 1 ? Math.ceil : Math.floor;
  const mode = view.text("nearest_mode", "round_prefer_floor");
  switch (mode) {
    case "round_prefer_floor":
      return (x) => Math.ceil(x - 0.5);
    case "round_prefer_ceil":
      return (x) => Math.floor(x + 0.5);
    case "floor":
      return Math.floor;
    case "ceil":
      return Math.ceil;
    default:
      throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `nearest_mode "${mode}" is not known`);
  }
}

/** R. Keys, "Cubic convolution interpolation for digital image processing" (1981), over four neighbours. */
function cubicShares(view: NodeView, { from }: ResizedAxis, inside: (at: number) => number): (x: number) => Share[] {
  const a = view.number("cubic_coeff_a", -0.75);
  const near = (d: number): number => ((a + 2) * d - (a + 3)) * d * d + 1;
  const far = (d: number): number => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  const excluded = (at: number): boolean => view.flag("exclude_outside") && (at < 0 || at >= from);
  return (x) => {
    const low = Math.floor(x);
    const part = x - low;
    const weights = [far(part + 1), near(part), near(1 - part), far(2 - part)];
    const shares = weights
      .map((weight, step) => ({ at: low - 1 + step, weight }))
      .filter(({ at, weight }) => !excluded(at) && weight !== 0);
    const total = view.flag("exclude_outside") ? shares.reduce((sum, { weight }) => sum + weight, 0) : 1;
    return shares.map(({ at, weight }) => ({ at: inside(at), weight: weight / total }));
  };
}
