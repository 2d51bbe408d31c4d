import type { NodeView } from "../../build/node-view.ts";
import { forEachIndex, sizeOf, stridesOf } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, FREE, type Op } from "../op.ts";

interface Axis {
  readonly size: number;
  readonly block: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  /** How many blocks lie along the axis. */
  readonly count: number;
}

/** Lays blocks [batch, channels * block, number of blocks] back onto an image, as PyTorch's Fold; what overlaps adds up. */
export const col2Im: Op = {
  doc: { takes: "known image and block shapes, any number of axes, every attribute", cost: FREE, error: EXACT },
  build(view, graph) {
    const given = view.operand(0);
    const axes = axesOf(view);
    const [batch = 1, rows = 1, blocks = 1] = given.shape;
    const [image, block, counts] = [
      axes.map(({ size }) => size),
      axes.map((axis) => axis.block),
      axes.map(({ count }) => count),
    ];
    const [window, channels] = [sizeOf(block), rows / sizeOf(block)];
    if (given.shape.length !== 3 || !Number.isInteger(channels) || blocks !== sizeOf(counts))
      throw new NodeProblem(
        "SHAPE_MISMATCH",
        `[${given.shape.join(", ")}] is not [batch, channels * ${window}, ${sizeOf(counts)}], the blocks of that image`,
      );
    const sources = sourcesOf(axes, image, block, counts);
    const pixels = sizeOf(image);
    return graph.linear(
      [given],
      [batch, channels, ...image],
      (row, add) => {
        const first = Math.floor(row / pixels) * window * blocks;
        for (const source of sources[row % pixels] ?? []) add(first + source, 1);
      },
      { type: given.type },
    );
  },
};

function axesOf(view: NodeView): readonly Axis[] {
  const [image, block] = [view.known(1, "the image shape").known, view.known(2, "the block shape").known];
  const [strides, dilations] = [view.integersAttribute("strides"), view.integersAttribute("dilations")];
  const pads = view.integersAttribute("pads");
  return Array.from(image, (size, axis) => {
    const [length, stride, dilation] = [block[axis] ?? 1, strides?.[axis] ?? 1, dilations?.[axis] ?? 1];
    const [before, after] = [pads?.[axis] ?? 0, pads?.[axis + image.length] ?? 0];
    const count = Math.floor((size + before + after - dilation * (length - 1) - 1) / stride) + 1;
    return { size, block: length, stride, dilation, before, count };
  });
}

/** For each pixel of a plane, the elements of the plane's [window, blocks] that land on it. */
function sourcesOf(
  axes: readonly Axis[],
  image: readonly number[],
  block: readonly number[],
  counts: readonly number[],
): readonly (readonly number[])[] {
  const sources = Array.from({ length: sizeOf(image) }, (): number[] => []);
  const strides = stridesOf(image);
  forEachIndex([...block, ...counts], (at, flat) => {
    let pixel = 0;
    for (const [axis, { size, stride, dilation, before }] of axes.entries()) {
      const position = (at[axis + axes.length] ?? 0) * stride + (at[axis] ?? 0) * dilation - before;
      if (position < 0 || position >= size) return;
      pixel += position * (strides[axis] ?? 1);
    }
    sources[pixel]?.push(flat);
  });
  return sources;
}
