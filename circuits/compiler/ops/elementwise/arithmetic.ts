import { addTensors, affine, multiply, subtract } from "../../build/arithmetic.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import type { NodeView } from "../../build/node-view.ts";
import { isKnown, retyped, type Tensor } from "../../build/tensor.ts";
import { EXACT, FREE, type Op, WEIGHTS_ROUNDED } from "../op.ts";
import { boundAddedMask, boundMaskFactor } from "./mask.ts";
import { bitsOf, wrapTo } from "./wrap.ts";

const ANY = "any two operands, with broadcasting; integers of 8 and 16 bits wrap around";
const MASKED = `${ANY}; numbers beyond 1e9 in a known operand that has others too are an attention mask: they become 32768`;
const MASKING = `${ANY}; a known factor beyond 1e9 makes an attention mask: it becomes 32768`;

/** Models count in wider integers on purpose, and mean no wrap where an interval is not as tight as it might be. */
const WIDEST_WRAPPED = 16;

/** What is known of both is computed as it is. Integers of 8 and 16 bits wrap around where they leave their type. */
function withMask(
  view: NodeView,
  graph: GraphBuilder,
  bound: (tensor: Tensor) => Tensor,
  build: (one: Tensor, other: Tensor) => Tensor,
): Tensor {
  const [one, other] = [view.operand(0), view.operand(1)];
  const result = isKnown(one) && isKnown(other) ? build(one, other) : build(bound(one), bound(other));
  const width = one.width ?? other.width;
  if (result.type !== "int" || width === undefined) return result;
  return bitsOf(width) > WIDEST_WRAPPED ? retyped(result, "int", width) : wrapTo(graph, result, width);
}

export const add: Op = {
  doc: { takes: MASKED, cost: FREE, error: EXACT },
  build: (view, graph) => withMask(view, graph, boundAddedMask, (one, other) => addTensors(graph, one, other)),
};

export const sub: Op = {
  doc: { takes: MASKED, cost: FREE, error: EXACT },
  build: (view, graph) => withMask(view, graph, boundAddedMask, (one, other) => subtract(graph, one, other)),
};

export const mul: Op = {
  doc: {
    takes: MASKING,
    cost: "0 with a known factor; else 1, and n + 1 for each factor that is rounded first",
    error: WEIGHTS_ROUNDED,
  },
  build: (view, graph) => withMask(view, graph, boundMaskFactor, (one, other) => multiply(graph, one, other)),
};

export const neg: Op = {
  doc: { takes: "anything", cost: FREE, error: EXACT },
  build: (view, graph) => affine(graph, view.operand(0), -1),
};
