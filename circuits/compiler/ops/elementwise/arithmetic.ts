import { addTensors, multiply, subtract } from "../../build/arithmetic.ts";
import { EXACT, FREE, type Op, WEIGHTS_ROUNDED } from "../op.ts";

const ANY = "any two operands, with broadcasting";

export const add: Op = {
  doc: { takes: ANY, cost: FREE, error: EXACT },
  build: (view, graph) => addTensors(graph, view.operand(0), view.operand(1)),
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
