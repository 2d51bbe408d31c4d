import type { GraphBuilder } from "../../build/graph-builder.ts";
import { normalizeAxis } from "../../build/node-view.ts";
import { sizeOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, FREE, type Op } from "../op.ts";

export const concat: Op = {
  doc: { takes: "any number of operands, known and computed ones", cost: FREE, error: EXACT },
  build(view, graph) {
    const tensors = view.operands();
    return concatenate(graph, tensors, normalizeAxis(view.number("axis", 1), view.operand(0).shape.length));
  },
};

export function concatenate(graph: GraphBuilder, tensors: readonly Tensor[], axis: number): Tensor {
  const [first = []] = tensors.map(({ shape }) => shape);
  for (const { shape } of tensors)
    if (shape.length !== first.length || shape.some((size, at) => at !== axis && size !== first[at]))
      throw new NodeProblem(
        "SHAPE_MISMATCH",
        `[${first.join(", ")}] and [${shape.join(", ")}] cannot be joined along axis ${axis}`,
      );
  const blocks: { readonly start: number; readonly length: number }[] = [];
  const inner = sizeOf(first.slice(axis + 1));
  let start = 0;
  for (const { shape } of tensors) {
    blocks.push({ start, length: (shape[axis] ?? 1) * inner });
    start += sizeOf(shape);
  }
  const shape = first.map((size, at) =>
    at === axis ? tensors.reduce((sum, tensor) => sum + (tensor.shape[axis] ?? 1), 0) : size,
  );
  const from = new Int32Array(sizeOf(shape));
  let flat = 0;
  for (let outer = 0; flat < from.length; outer++)
    for (const block of blocks)
      for (let at = 0; at < block.length; at++) from[flat++] = block.start + outer * block.length + at;
  return graph.take(tensors, shape, from);
}
