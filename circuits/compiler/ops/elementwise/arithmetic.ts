import { addTensors, affine, multiply, subtract } from "../../build/arithmetic.ts";
import { EXACT, FREE, type Op, WEIGHTS_ROUNDED } from "../op.ts";
import { boundMask } from "./mask.ts";

const ANY = "any two operands, with broadcasting";
/** Two tensors together: a mask that has nothing to hide stays what it is. */
const MASKED = `${ANY}; a known number beyond 1e9 counts as an attention mask and becomes 32768 of its sign`;

export const add: Op = {
  doc: { takes: MASKED, cost: FREE, error: EXACT },
  build(view, graph) {
    const [one, other] = [view.operand(0), view.operand(1)];
    if (one.known !== undefined && other.known !== undefined) return addTensors(graph, one, other);
    return addTensors(graph, boundMask(one), boundMask(other));
  },
};

export const sub: Op = {
  doc: { takes: ANY, cost: FREE, error: EXACT },
  build: (view, graph) => subtract(graph, view.operand(0), view.operand(1)),
};

export const mul: Op = {
  doc: {
    takes: ANY,
    cost: "0 with a known factor; else 1, and n + 1 for each factor that is rounded first",
    error: WEIGHTS_ROUNDED,
  },
  build: (view, graph) => multiply(graph, view.operand(0), view.operand(1)),
};

export const neg: Op = {
  doc: { takes: "anything", cost: FREE, error: EXACT },
  build: (view, graph) => affine(graph, view.operand(0), -1),
};
