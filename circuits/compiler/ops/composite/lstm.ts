import { addTensors, subtract } from "../../build/arithmetic.ts";
import { NodeProblem } from "../../compile-error.ts";
import type { Op } from "../op.ts";
import { type Cell, RECURRENT_TAKES, unroll } from "./recurrent.ts";

const INPUT = 0;
const OUTPUT = 1;
const FORGET = 2;
const CANDIDATE = 3;

/** C' = forget * C + input * candidate; H' = output * h(C') */
const CELL: Cell = {
  gates: 4,
  activations: ["Sigmoid", "Tanh", "Tanh"],
  initial: [5, 6],
  peepholes: 7,
  next(step, [hidden, cell]) {
    const { graph, peepholes } = step;
    if (hidden === undefined || cell === undefined) throw new NodeProblem("SHAPE_MISMATCH", "an LSTM has two states");
    const coupled = step.flag("input_forget");
    const early = [INPUT, ...(coupled ? [] : [FORGET])];
    // Peepholes show the output gate the new cell, so it cannot be summed up with the others.
    const gates = step.bend(
      0,
      step.sums({
        gates: peepholes ? early : [...early, OUTPUT],
        input: true,
        hidden,
        cell: peepholes ? cell : undefined,
      }),
    );
    const candidate = step.bend(1, step.sums({ gates: [CANDIDATE], input: true, hidden }));
    const next = coupled
      ? addTensors(graph, cell, step.times(gates, 0, subtract(graph, candidate, cell), 0))
      : addTensors(graph, step.times(gates, 1, cell, 0), step.times(gates, 0, candidate, 0));
    const bent = step.bend(2, next);
    if (!peepholes) return [step.times(gates, early.length, bent, 0), next];
    const output = step.bend(0, step.sums({ gates: [OUTPUT], input: true, hidden, cell: next }));
    return [step.times(output, 0, bent, 0), next];
  },
};

export const lstm: Op = {
  doc: {
    takes: RECURRENT_TAKES,
    cost: "5 activations and 3 products of rounded factors for each unit and step",
    error: "each activation's, see Sigmoid and Tanh",
  },
  build: (view, graph) => unroll(view, graph, CELL),
};
