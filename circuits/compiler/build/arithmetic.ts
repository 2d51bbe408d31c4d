import type { GraphBuilder } from "./graph-builder.ts";
import { broadcastPositions, broadcastShape } from "./broadcast.ts";
import { sizeOf, type Tensor, type TensorType } from "./tensor.ts";

/** Sum of factors[i] * tensors[i] with broadcasting, plus a constant: one linear layer. */
export function weightedSum(
  graph: GraphBuilder,
  tensors: readonly Tensor[],
  factors: readonly number[],
  options: { readonly offset?: number; readonly type?: TensorType } = {},
): Tensor {
  const shape = broadcastShape(...tensors.map((tensor) => tensor.shape));
  const positions = tensors.map((tensor) => broadcastPositions(tensor.shape, shape));
  const starts: number[] = [];
  tensors.reduce((start, tensor) => {
    starts.push(start);
    return start + sizeOf(tensor.shape);
  }, 0);
  const bias = new Float64Array(sizeOf(shape)).fill(options.offset ?? 0);
  const type = options.type ?? commonType(tensors);
  return graph.linear(
    tensors,
    shape,
    (row, add) => {
      positions.forEach((at, part) => {
        add((starts[part] ?? 0) + (at[row] ?? 0), factors[part] ?? 0);
      });
    },
    { bias, type },
  );
}

export function addTensors(graph: GraphBuilder, one: Tensor, other: Tensor): Tensor {
  return weightedSum(graph, [one, other], [1, 1]);
}

export function subtract(graph: GraphBuilder, one: Tensor, other: Tensor): Tensor {
  return weightedSum(graph, [one, other], [1, -1]);
}

/** factor * tensor + offset. */
export function affine(graph: GraphBuilder, tensor: Tensor, factor: number, offset = 0, type = tensor.type): Tensor {
  return weightedSum(graph, [tensor], [factor], { offset, type });
}

/** Element by element with broadcasting: free if one of them is known. */
export function multiply(graph: GraphBuilder, one: Tensor, other: Tensor): Tensor {
  const shape = broadcastShape(one.shape, other.shape);
  const [left, right] = [broadcastPositions(one.shape, shape), broadcastPositions(other.shape, shape)];
  return graph.product(one, other, shape, left, right, commonType([one, other]));
}

/** A tensor over a larger shape by broadcasting. */
export function spread(graph: GraphBuilder, tensor: Tensor, shape: readonly number[]): Tensor {
  return graph.take([tensor], shape, broadcastPositions(tensor.shape, shape));
}

/** Integers stay integers; a sum of truth values is an integer. */
function commonType(tensors: readonly Tensor[]): TensorType {
  return tensors.some(({ type }) => type === "real") ? "real" : "int";
}
