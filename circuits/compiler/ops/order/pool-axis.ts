import type { NodeView } from "../../build/node-view.ts";
import { NodeProblem } from "../../compile-error.ts";
import { type AxisWindows, axisWindows } from "../linear/windows.ts";

/**
 * For each spatial axis and each place of the window along it, the positions that the window covers, padding left out.
 * Throws a `NodeProblem` for attributes that do not fit the shape and for a window that covers padding alone.
 */
export function poolWindows(view: NodeView, sizes: readonly number[]): readonly (readonly (readonly number[])[])[] {
  const kernel = view.integersAttribute("kernel_shape");
  if (kernel === undefined || kernel.length !== sizes.length)
    throw new NodeProblem(
      "SHAPE_MISMATCH",
      `kernel_shape must have ${sizes.length} numbers, one for each spatial axis`,
    );
  return axisWindows(view, sizes, kernel, "pool").map(windowsAlong);
}

function windowsAlong({ size, kernel, stride, dilation, before, count }: AxisWindows): number[][] {
  return Array.from({ length: count }, (_, at) => {
    const first = at * stride - before;
    const covered = Array.from({ length: kernel }, (_, step) => first + step * dilation).filter(
      (position) => position >= 0 && position < size,
    );
    if (covered.length === 0)
      throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", "a window covers padding alone; use smaller pads or dilations");
    return covered;
  });
}
