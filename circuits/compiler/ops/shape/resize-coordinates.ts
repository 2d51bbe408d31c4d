import type { NodeView } from "../../build/node-view.ts";
import { NodeProblem } from "../../compile-error.ts";

/** One axis that changes its size; `start` and `end` are those of the region that is cropped, as shares of it. */
export interface ResizedAxis {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
  readonly start: number;
  readonly end: number;
}

/**
 * For an element of the result, its coordinate in the operand. In float32, step by step as ONNX Runtime computes it:
 * which neighbour is nearest hangs on the last bit.
 */
export function coordinateMap(view: NodeView, axis: ResizedAxis): (at: number) => number {
  const { from, to, scale, start, end } = axis;
  const f = Math.fround;
  const halfPixel = (at: number): number => f(f(f(at + 0.5) / scale) - 0.5);
  const mode = view.opset < 11 ? "asymmetric" : view.text("coordinate_transformation_mode", "half_pixel");
  switch (mode) {
    case "half_pixel":
      return halfPixel;
    case "asymmetric":
      return (at) => f(at / scale);
    case "pytorch_half_pixel":
      return (at) => (to > 1 ? halfPixel(at) : 0);
    case "tf_half_pixel_for_nn":
      return (at) => f(f(at + 0.5) / scale);
    case "align_corners":
      return (at) => (to === 1 ? 0 : f(f(at * (from - 1)) / (to - 1)));
    case "half_pixel_symmetric": {
      const center = f(from / 2);
      const offset = f(center * f(1 - f(to / f(scale * from))));
      return (at) => f(offset + halfPixel(at));
    }
    case "tf_crop_and_resize":
      return (at) =>
        to > 1
          ? f(f(start * (from - 1)) + f(f(at * f(f(end - start) * (from - 1))) / (to - 1)))
          : f(0.5 * f(f(start + end) * (from - 1)));
    default:
      throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `coordinate_transformation_mode "${mode}" is not known`);
  }
}
