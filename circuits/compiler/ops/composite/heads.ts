import type { GraphBuilder } from "../../build/graph-builder.ts";
import { forEachIndex, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";

/** [batch, sequence, heads * size] as [batch, heads, sequence, size]. */
export function inHeads(graph: GraphBuilder, tensor: Tensor, heads: number, attribute: string): Tensor {
  if (tensor.shape.length === 4) return tensor;
  const [batch = 0, length = 0, width = 0] = tensor.shape;
  if (tensor.shape.length !== 3 || heads < 1 || width % heads !== 0)
    throw new NodeProblem(
      "SHAPE_MISMATCH",
      `[${tensor.shape.join(", ")}] is not split into heads by ${attribute} = ${heads}; give 4 dimensions, or 3 and the ` +
        "number of heads",
    );
  return moved(graph, tensor, [batch, heads, length, width / heads], (at) => {
    const [b = 0, h = 0, s = 0, d = 0] = at;
    return (b * length + s) * width + h * (width / heads) + d;
  });
}

/** The inverse. */
export function sideBySide(graph: GraphBuilder, tensor: Tensor): Tensor {
  const [batch = 0, heads = 0, length = 0, size = 0] = tensor.shape;
  return moved(graph, tensor, [batch, length, heads * size], ([b = 0, s = 0, column = 0]) => {
    return ((b * heads + Math.floor(column / size)) * length + s) * size + (column % size);
  });
}

/** The element at each place is the one that `source` names. */
export function moved(
  graph: GraphBuilder,
  tensor: Tensor,
  shape: readonly number[],
  source: (at: readonly number[]) => number,
): Tensor {
  const from: number[] = [];
  forEachIndex(shape, (at) => from.push(source(at)));
  return graph.take([tensor], shape, from);
}
