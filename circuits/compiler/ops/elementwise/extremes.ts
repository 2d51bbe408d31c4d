import { affine, spread } from "../../build/arithmetic.ts";
import { broadcastPositions, broadcastShape } from "../../build/broadcast.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { knownTensor, reshaped, retyped, sizeOf, type Tensor } from "../../build/tensor.ts";
import { EXACT, type Op } from "../op.ts";
import { isBottom } from "./mask.ts";

/** The largest of some tensors, element by element with broadcasting: never rounded. */
export function largest(graph: GraphBuilder, all: readonly Tensor[]): Tensor {
  const shape = broadcastShape(...all.map((tensor) => tensor.shape));
  const reached = all.filter((tensor) => !isBottom(tensor));
  const tensors = reached.length === 0 ? all : reached;
  const [only] = tensors;
  if (only !== undefined && tensors.length === 1)
    return sizeOf(only.shape) === sizeOf(shape) ? reshaped(only, shape) : spread(graph, only, shape);
  const type = tensors.some((tensor) => tensor.type === "real") ? "real" : "int";
  const from = new Int32Array(sizeOf(shape) * tensors.length);
  let start = 0;
  tensors.forEach((tensor, part) => {
    broadcastPositions(tensor.shape, shape).forEach((at, element) => {
      from[element * tensors.length + part] = start + at;
    });
    start += sizeOf(tensor.shape);
  });
  const side = graph.take(tensors, [sizeOf(shape), tensors.length], from);
  const groups = { outer: sizeOf(shape), classes: tensors.length, inner: 1 };
  return retyped(graph.max(side, groups, shape), type, tensors[0]?.width);
}

export function smallest(graph: GraphBuilder, tensors: readonly Tensor[]): Tensor {
  if (tensors.length === 1 && tensors[0] !== undefined) return tensors[0];
  const negated = largest(
    graph,
    tensors.map((tensor) => affine(graph, tensor, -1)),
  );
  return retyped(affine(graph, negated, -1), negated.type, tensors[0]?.width);
}

export function absolute(graph: GraphBuilder, tensor: Tensor): Tensor {
  return largest(graph, [tensor, affine(graph, tensor, -1)]);
}

/** max(x, 0) of any type: integers are not rounded. */
export function positivePart(graph: GraphBuilder, tensor: Tensor): Tensor {
  if (tensor.type === "real") return graph.relu(tensor);
  return largest(graph, [tensor, knownTensor([], [0], "int")]);
}

const extreme = (find: (graph: GraphBuilder, tensors: readonly Tensor[]) => Tensor): Op => ({
  doc: { takes: "any number of operands, with broadcasting", cost: "n + 2 for each operand but one", error: EXACT },
  build: (view, graph) => find(graph, view.operands()),
});

export const max = extreme(largest);
export const min = extreme(smallest);

export const abs: Op = {
  doc: { takes: "anything", cost: "n + 3; 0 where the sign is known", error: EXACT },
  build: (view, graph) => absolute(graph, view.operand(0)),
};
