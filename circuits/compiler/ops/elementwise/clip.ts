import type { GraphBuilder } from "../../build/graph-builder.ts";
import type { NodeView } from "../../build/node-view.ts";
import type { Tensor } from "../../build/tensor.ts";
import { isKnown, knownTensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, type Op } from "../op.ts";
import { largest, smallest } from "./extremes.ts";

/** Bounds are operands since opset 11 and were attributes before. A min above the max gives the max, as in NumPy. */
export const clip: Op = {
  doc: { takes: "any bounds or none", cost: "n + 2 for each bound that can be passed", error: EXACT },
  build(view, graph) {
    const x = view.operand(0);
    const [min, max] = [bound(view, 1, "min"), bound(view, 2, "max")];
    if (x.type === "real" && isConstant(min) && isConstant(max)) return clipBetween(graph, x, min, max);
    const above = min === undefined ? x : largest(graph, [x, min]);
    return max === undefined ? above : smallest(graph, [above, max]);
  },
};

function clipBetween(graph: GraphBuilder, x: Tensor, min: Tensor | undefined, max: Tensor | undefined): Tensor {
  const [low, high] = [min?.known?.[0] ?? null, max?.known?.[0] ?? null];
  if (low === null && high === null) return x;
  if (low !== null && high !== null && low > high)
    throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `min ${low} is above max ${high}`);
  return graph.clip(x, low, high);
}

function isConstant(tensor: Tensor | undefined): boolean {
  return tensor === undefined || isKnown(tensor);
}

/** Frameworks write "no bound" as the largest float. */
const UNBOUNDED = 3e38;

function bound(view: NodeView, position: number, name: string): Tensor | undefined {
  const operand = view.optional(position);
  const attribute = view.node.attributes.get(name);
  const tensor = operand ?? (typeof attribute === "number" ? knownTensor([], [attribute]) : undefined);
  return Math.abs(tensor?.known?.[0] ?? 0) < UNBOUNDED ? tensor : undefined;
}
