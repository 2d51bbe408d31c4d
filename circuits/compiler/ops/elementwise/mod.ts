import { EXACT, type Op } from "../op.ts";
import { remainder } from "./div.ts";

/** With `fmod` the remainder has the dividend's sign, as in C; else the divisor's, as in Python. */
export const mod: Op = {
  doc: {
    takes: "a known divisor",
    cost: "2n + 2; 0 where the quotient is known",
    error: `${EXACT} for integers; for real numbers the divisor is rounded to the dividend's scale`,
  },
  build: (view, graph) => remainder(graph, view.operand(0), view.operand(1), view.flag("fmod") ? "trunc" : "floor"),
};
