import type { GraphBuilder } from "../../build/graph-builder.ts";
import type { NodeView } from "../../build/node-view.ts";
import { sumOfProducts } from "../../build/sum-of-products.ts";
import { reshaped, sizeOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { type Op, WEIGHTS_ROUNDED } from "../op.ts";
import { axisWindows, type Taps, tapsOf } from "./windows.ts";

export const CONVOLUTION_COST =
  "0 with known weights; else 1 for each multiplication, and n + 1 for each factor that is rounded first";

/** Weights are [outputs, channels / group, ...kernel]. */
export const conv: Op = {
  doc: {
    takes: "any number of spatial axes, groups and every attribute; weights and bias known or computed",
    cost: CONVOLUTION_COST,
    error: WEIGHTS_ROUNDED,
  },
  build: (view, graph) => convolve(view, graph, view.operand(0), view.operand(1, "the weight"), view.optional(2)),
};

/** The convolution that the node's attributes describe, of operands that may have been prepared. */
export function convolve(view: NodeView, graph: GraphBuilder, data: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [batch = 1, channels = 1, ...sizes] = data.shape;
  const [outputs = 1, depth = 1, ...kernel] = weight.shape;
  const group = view.number("group", 1);
  assertConvolution(view, data, weight);
  if (depth * group !== channels || outputs % group !== 0)
    throw new NodeProblem(
      "SHAPE_MISMATCH",
      `${channels} channels in ${group} groups do not fit weights [${weight.shape.join(", ")}]`,
    );
  const axes = axisWindows(view, sizes, kernel, "convolution");
  const taps = tapsOf(axes);
  const [image, window] = [sizeOf(sizes), sizeOf(kernel)];
  return sumOfProducts(
    graph,
    data,
    weight,
    [batch, outputs, ...axes.map(({ count }) => count)],
    (row, add) => {
      const { elements, weights }: Taps = taps[row % taps.length] ?? NO_TAPS;
      const plane = Math.floor(row / taps.length);
      const output = plane % outputs;
      const first = Math.floor(plane / outputs) * channels + Math.floor((output * group) / outputs) * depth;
      for (let channel = 0; channel < depth; channel++) {
        const [from, by] = [(first + channel) * image, (output * depth + channel) * window];
        for (let tap = 0; tap < elements.length; tap++) add(from + (elements[tap] ?? 0), by + (weights[tap] ?? 0));
      }
    },
    channelOffset(bias, outputs, sizes.length),
  );
}

export const NO_TAPS: Taps = Object.freeze({ elements: new Int32Array(), weights: new Int32Array() });

/** A bias with one number for each channel, ready to be broadcast. */
export function channelOffset(bias: Tensor | undefined, channels: number, spatial: number): Tensor | undefined {
  if (bias === undefined) return undefined;
  if (sizeOf(bias.shape) !== channels)
    throw new NodeProblem("SHAPE_MISMATCH", `a bias of [${bias.shape.join(", ")}] does not fit ${channels} channels`);
  return reshaped(bias, [1, channels, ...new Array<number>(spatial).fill(1)]);
}

/** What Conv and ConvTranspose ask of ranks and of a `kernel_shape` that repeats what the weight's shape says. */
export function assertConvolution(view: NodeView, data: Tensor, weight: Tensor): void {
  if (data.shape.length < 3 || data.shape.length !== weight.shape.length)
    throw new NodeProblem(
      "SHAPE_MISMATCH",
      `data [${data.shape.join(", ")}] and weights [${weight.shape.join(", ")}] must both have a batch (or outputs), ` +
        "channels and the same number of spatial axes",
    );
  const stated = view.integersAttribute("kernel_shape");
  if (stated !== undefined && stated.join() !== weight.shape.slice(2).join())
    throw new NodeProblem("SHAPE_MISMATCH", `kernel_shape [${stated.join(", ")}] is not that of the weights`);
}
