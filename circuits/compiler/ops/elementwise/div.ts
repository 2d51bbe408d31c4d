import { multiply } from "../../build/arithmetic.ts";
import { broadcastPositions, broadcastShape } from "../../build/broadcast.ts";
import { knownTensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { type Op, WEIGHTS_ROUNDED } from "../op.ts";

export const div: Op = {
  doc: { takes: "a known divisor without zeros", cost: "0", error: WEIGHTS_ROUNDED },
  build(view, graph) {
    const [dividend, divisor] = [view.operand(0), view.known(1, "the divisor")];
    if (divisor.known.includes(0)) throw new NodeProblem("OPERAND_UNSUPPORTED", "dividing by zero");
    if (dividend.type === "real" || divisor.type === "real")
      return multiply(
        graph,
        dividend,
        knownTensor(
          divisor.shape,
          divisor.known.map((element) => 1 / element),
        ),
      );
    const shape = broadcastShape(dividend.shape, divisor.shape);
    if (dividend.known === undefined)
      throw new NodeProblem(
        "OPERAND_UNSUPPORTED",
        "dividing integers cuts the quotient off, which has no circuit; cast the operand to float before dividing",
      );
    const [of, by] = [broadcastPositions(dividend.shape, shape), broadcastPositions(divisor.shape, shape)];
    const { known } = dividend;
    return knownTensor(
      shape,
      of.map((at, index) => Math.trunc((known[at] ?? 0) / (divisor.known[by[index] ?? 0] ?? 1))),
      "int",
    );
  },
};
