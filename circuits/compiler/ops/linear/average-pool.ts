import type { GraphBuilder } from "../../build/graph-builder.ts";
import type { NodeView } from "../../build/node-view.ts";
import { sizeOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { FREE, type Op, WEIGHTS_ROUNDED } from "../op.ts";
import { NO_TAPS } from "./conv.ts";
import { type AxisWindows, axisWindows, tapsOf } from "./windows.ts";

export const averagePool: Op = {
  doc: { takes: "any number of spatial axes and every attribute", cost: FREE, error: WEIGHTS_ROUNDED },
  build(view, graph) {
    const given = view.operand(0);
    const axes = poolAxes(view, given);
    const counted = view.flag("count_include_pad") ? positionsCovered(axes) : undefined;
    return poolWith(graph, given, axes, (place, covered) => 1 / (counted?.[place] ?? covered));
  },
};

export const globalAveragePool: Op = {
  doc: { takes: "any number of spatial axes", cost: FREE, error: WEIGHTS_ROUNDED },
  build: (view, graph) => poolAll(graph, view.operand(0), (covered) => 1 / covered),
};

/** The windows of a pooling node. */
export function poolAxes(view: NodeView, given: Tensor): AxisWindows[] {
  const sizes = given.shape.slice(2);
  const kernel = view.integersAttribute("kernel_shape");
  if (kernel === undefined || kernel.length !== sizes.length || sizes.length === 0)
    throw new NodeProblem(
      "SHAPE_MISMATCH",
      `kernel_shape must have ${sizes.length} numbers, one for each axis after the batch and the channels`,
    );
  return axisWindows(view, sizes, kernel, "pool");
}

/** For each place of the window, the sum of what it covers times a factor. */
export function poolWith(
  graph: GraphBuilder,
  given: Tensor,
  axes: readonly AxisWindows[],
  factor: (place: number, covered: number) => number,
): Tensor {
  const taps = tapsOf(axes);
  const image = sizeOf(given.shape.slice(2));
  return graph.linear([given], [...given.shape.slice(0, 2), ...axes.map(({ count }) => count)], (row, add) => {
    const place = row % taps.length;
    const from = Math.floor(row / taps.length) * image;
    const { elements } = taps[place] ?? NO_TAPS;
    const weight = factor(place, elements.length);
    for (const element of elements) add(from + element, weight);
  });
}

/** For each channel, the sum of all its elements times a factor. */
export function poolAll(graph: GraphBuilder, given: Tensor, factor: (covered: number) => number): Tensor {
  const image = sizeOf(given.shape.slice(2));
  const shape = given.shape.map((size, axis) => (axis < 2 ? size : 1));
  return graph.linear([given], shape, (row, add) => {
    for (let at = row * image; at < (row + 1) * image; at++) add(at, factor(image));
  });
}

/** How many positions each window covers, padding included, though not what `ceil_mode` lets it reach beyond. */
function positionsCovered(axes: readonly AxisWindows[]): number[] {
  return axes
    .map(({ size, kernel, stride, dilation, before, after, count }) =>
      Array.from({ length: count }, (_, at) => {
        const room = size + after - (at * stride - before);
        return Math.min(kernel, Math.ceil(room / dilation));
      }),
    )
    .reduce((all, along) => all.flatMap((one) => along.map((other) => one * other)), [1]);
}
