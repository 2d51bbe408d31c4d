import type { NodeView } from "../../build/node-view.ts";
import { NodeProblem } from "../../compile-error.ts";

/** How a pooling window moves along one axis. */
interface AxisGeometry {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly count: number;
}

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
  const strides = perAxis(view, "strides", sizes.length, 1);
  const dilations = perAxis(view, "dilations", sizes.length, 1);
  const pads = perAxis(view, "pads", 2 * sizes.length, 0);
  if ([...kernel, ...strides, ...dilations].some((value) => value < 1) || pads.some((value) => value < 0))
    throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", "kernel_shape, strides and dilations start at 1, pads at 0");
  return sizes.map((size, axis) => {
    const one = { size, kernel: kernel[axis] ?? 1, stride: strides[axis] ?? 1, dilation: dilations[axis] ?? 1 };
    return windowsAlong(place(view, one, pads[axis] ?? 0, pads[axis + sizes.length] ?? 0));
  });
}

function perAxis(view: NodeView, name: string, length: number, fallback: number): readonly number[] {
  const values = view.integersAttribute(name);
  if (values === undefined || values.length === 0) return new Array<number>(length).fill(fallback);
  if (values.length !== length)
    throw new NodeProblem("SHAPE_MISMATCH", `${name} must have ${length} numbers, it has ${values.length}`);
  return values;
}

function place(
  view: NodeView,
  axis: Omit<AxisGeometry, "before" | "count">,
  padBefore: number,
  padAfter: number,
): AxisGeometry {
  const { size, kernel, stride, dilation } = axis;
  const reach = (kernel - 1) * dilation + 1;
  const auto = view.text("auto_pad", "NOTSET");
  if (auto === "SAME_UPPER" || auto === "SAME_LOWER") {
    const count = Math.ceil(size / stride);
    const padding = Math.max(0, (count - 1) * stride + reach - size);
    return { ...axis, count, before: auto === "SAME_UPPER" ? Math.floor(padding / 2) : Math.ceil(padding / 2) };
  }
  const [before, after] = auto === "VALID" ? [0, 0] : [padBefore, padAfter];
  const steps = (size + before + after - reach) / stride;
  let count = (view.flag("ceil_mode") ? Math.ceil(steps) : Math.floor(steps)) + 1;
  // A window that would start in the padding behind the last element is left out.
  if (view.flag("ceil_mode") && (count - 1) * stride >= size + before) count--;
  return { ...axis, count, before };
}

function windowsAlong({ size, kernel, stride, dilation, before, count }: AxisGeometry): number[][] {
  if (count < 1) throw new NodeProblem("SHAPE_MISMATCH", `a window of ${kernel} does not fit into ${size} elements`);
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
