import type { NodeView } from "../../build/node-view.ts";
import { sumOfProducts } from "../../build/sum-of-products.ts";
import { sizeOf } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { type Op, WEIGHTS_ROUNDED } from "../op.ts";
import { assertConvolution, channelOffset, CONVOLUTION_COST, NO_TAPS } from "./conv.ts";
import { axisNumbers, tapsBy } from "./windows.ts";

/** One spatial axis: input element i meets output element i * stride + weight * dilation - before. */
interface Axis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly count: number;
}

/** Weights are [channels, outputs / group, ...kernel]. */
export const convTranspose: Op = {
  doc: {
    takes: "any number of spatial axes, groups and every attribute; weights and bias known or computed",
    cost: CONVOLUTION_COST,
    error: WEIGHTS_ROUNDED,
  },
  build(view, graph) {
    const [data, weight] = [view.operand(0), view.operand(1, "the weight")];
    assertConvolution(view, data, weight);
    const [batch = 1, channels = 1, ...sizes] = data.shape;
    const [inputs = 1, width = 1, ...kernel] = weight.shape;
    const group = view.number("group", 1);
    if (inputs !== channels || channels % group !== 0)
      throw new NodeProblem(
        "SHAPE_MISMATCH",
        `${channels} channels in ${group} groups do not fit weights [${weight.shape.join(", ")}]`,
      );
    const outputs = width * group;
    const depth = channels / group;
    const axes = axesOf(view, sizes, kernel);
    const taps = tapsBy(sizes, kernel, axes.map(meetings));
    const [image, window] = [sizeOf(sizes), sizeOf(kernel)];
    return sumOfProducts(
      graph,
      data,
      weight,
      [batch, outputs, ...axes.map(({ count }) => count)],
      (row, add) => {
        const { elements, weights } = taps[row % taps.length] ?? NO_TAPS;
        const plane = Math.floor(row / taps.length);
        const output = plane % outputs;
        const first = Math.floor(output / width) * depth;
        for (let channel = first; channel < first + depth; channel++) {
          const from = (Math.floor(plane / outputs) * channels + channel) * image;
          const by = (channel * width + (output % width)) * window;
          for (let tap = 0; tap < elements.length; tap++) add(from + (elements[tap] ?? 0), by + (weights[tap] ?? 0));
        }
      },
      channelOffset(view.optional(2), outputs, sizes.length),
    );
  },
};

/** For each output element, which input elements it meets, and at which weights. */
function meetings({ size, kernel, stride, dilation, before, count }: Axis): { element: number; weight: number }[][] {
  return Array.from({ length: count }, (_, at) =>
    Array.from({ length: kernel }, (_, step) => kernel - 1 - step)
      .map((weight) => ({ weight, element: (at + before - weight * dilation) / stride }))
      .filter(({ element }) => Number.isInteger(element) && element >= 0 && element < size),
  );
}

function axesOf(view: NodeView, sizes: readonly number[], kernel: readonly number[]): Axis[] {
  const strides = axisNumbers(view, "strides", sizes.length, 1);
  const dilations = axisNumbers(view, "dilations", sizes.length, 1);
  const pads = axisNumbers(view, "pads", 2 * sizes.length, 0);
  const extra = axisNumbers(view, "output_padding", sizes.length, 0);
  const wanted = view.integersAttribute("output_shape")?.slice(-sizes.length);
  const auto = view.text("auto_pad", "NOTSET");
  return sizes.map((size, index) => {
    const axis = { size, kernel: kernel[index] ?? 1, stride: strides[index] ?? 1, dilation: dilations[index] ?? 1 };
    const full = (size - 1) * axis.stride + (axis.kernel - 1) * axis.dilation + 1 + (extra[index] ?? 0);
    const same = auto === "SAME_UPPER" || auto === "SAME_LOWER";
    const count = wanted?.[index] ?? (same ? Math.min(full, size * axis.stride) : undefined);
    if (count !== undefined) {
      const padding = Math.max(0, full - count);
      return { ...axis, count, before: auto === "SAME_UPPER" ? Math.floor(padding / 2) : Math.ceil(padding / 2) };
    }
    const [before, after] = auto === "VALID" ? [0, 0] : [pads[index] ?? 0, pads[index + sizes.length] ?? 0];
    if (full - before - after < 1)
      throw new NodeProblem("SHAPE_MISMATCH", `pads ${before} and ${after} leave nothing of ${full} elements`);
    return { ...axis, count: full - before - after, before };
  });
}
