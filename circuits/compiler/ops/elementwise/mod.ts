import { retyped } from "../../build/tensor.ts";
import { EXACT, type Op } from "../op.ts";
import { remainder } from "./div.ts";

/** With `fmod` the remainder has the dividend's sign, as in C; else the divisor's, as in Python. */
export const mod: Op = {
  doc: {
    takes:
      "a known divisor, or a computed one; by a computed divisor of 0, for which ONNX Runtime has no answer, the whole " +
      "dividend is left",
    cost: "2n + 2, 0 where the quotient is known; by a computed divisor what Div costs and 2",
    error: `${EXACT} for integers; real numbers are rounded to the scale of dividend and divisor first`,
  },
  build(view, graph) {
    const [dividend, divisor] = [view.operand(0), view.operand(1)];
    const rest = remainder(graph, dividend, divisor, view.flag("fmod") ? "trunc" : "floor");
    return rest.type === "int" ? retyped(rest, "int", dividend.width) : rest;
  },
};
