import type { Op } from "../op.ts";
import { type Cell, RECURRENT_TAKES, unroll } from "./recurrent.ts";

/** H' = f(X W + H R + b) */
const CELL: Cell = {
  gates: 1,
  activations: ["Tanh"],
  initial: [5],
  next: (step, [hidden]) => [step.bend(0, step.sums({ gates: [0], input: true, hidden }))],
};

export const rnn: Op = {
  doc: { takes: RECURRENT_TAKES, cost: "an activation for each unit and step", error: "each activation's, see Tanh" },
  build: (view, graph) => unroll(view, graph, CELL),
};
