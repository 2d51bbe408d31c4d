import { addTensors, multiply, subtract } from "../../build/arithmetic.ts";
import { broadcastPositions, broadcastShape } from "../../build/broadcast.ts";
import { sizeOf } from "../../build/tensor.ts";
import { EXACT, type Op } from "../op.ts";
import { boundMask } from "./mask.ts";

/** A known condition only moves elements; a computed one multiplies the difference of the two. */
export const where: Op = {
  doc: {
    takes: "any condition and any two operands, with broadcasting",
    cost: "0 with a known condition or two known operands; else 1, and n + 1 to round the operands' difference first",
    error: EXACT,
  },
  build(view, graph) {
    const condition = view.operand(0, "the condition");
    const [yes, no] = [boundMask(view.operand(1)), boundMask(view.operand(2))];
    const shape = broadcastShape(condition.shape, yes.shape, no.shape);
    if (condition.known !== undefined) {
      const { known } = condition;
      const [of, first, second] = [condition, yes, no].map((tensor) => broadcastPositions(tensor.shape, shape));
      const from = Int32Array.from({ length: sizeOf(shape) }, (_, at) =>
        (known[of?.[at] ?? 0] ?? 0) !== 0 ? (first?.[at] ?? 0) : sizeOf(yes.shape) + (second?.[at] ?? 0),
      );
      return graph.take([yes, no], shape, from);
    }
    return addTensors(graph, no, multiply(graph, condition, subtract(graph, yes, no)));
  },
};
