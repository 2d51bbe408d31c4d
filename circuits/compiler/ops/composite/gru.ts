import { addTensors, subtract } from "../../build/arithmetic.ts";
import { NodeProblem } from "../../compile-error.ts";
import type { Op } from "../op.ts";
import { type Cell, RECURRENT_TAKES, unroll } from "./recurrent.ts";

const UPDATE = 0;
const RESET = 1;
const CANDIDATE = 2;

/** H' = candidate + update * (H - candidate) */
const CELL: Cell = {
  gates: 3,
  activations: ["Sigmoid", "Tanh"],
  initial: [5],
  next(step, [hidden]) {
    const { graph } = step;
    if (hidden === undefined) throw new NodeProblem("SHAPE_MISMATCH", "a GRU has a hidden state");
    const gates = step.bend(0, step.sums({ gates: [UPDATE, RESET], input: true, hidden }));
    const input = step.sums({ gates: [CANDIDATE], input: true });
    // The reset gate is multiplied either with what the state contributes or with the state itself.
    const recurrent = step.flag("linear_before_reset")
      ? step.times(gates, RESET, step.sums({ gates: [CANDIDATE], input: false, hidden }), 0)
      : step.sums({ gates: [CANDIDATE], input: false, hidden: step.times(gates, RESET, hidden, 0) });
    const candidate = step.bend(1, addTensors(graph, input, recurrent));
    const kept = step.times(gates, UPDATE, subtract(graph, hidden, candidate), 0);
    return [addTensors(graph, candidate, kept)];
  },
};

export const gru: Op = {
  doc: {
    takes: RECURRENT_TAKES,
    cost: "3 activations and 2 products of rounded factors for each unit and step",
    error: "each activation's, see Sigmoid and Tanh",
  },
  build: (view, graph) => unroll(view, graph, CELL),
};
