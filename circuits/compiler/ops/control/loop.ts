import type { NodeView } from "../../build/node-view.ts";
import { knownTensor, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, type Op } from "../op.ts";
import { complete, innerGraph, MOST_STEPS, stack } from "./body.ts";

/** The body once for each step: its outputs are the condition to go on, the state, and what is collected. */
export const loop: Op = {
  doc: {
    takes: "a number of steps that is known, by a count or by conditions that do not depend on inputs",
    cost: "that of the body, once for each step",
    error: EXACT,
  },
  build(view, graph, inner) {
    const body = innerGraph(view, "body");
    const limit = scalar(view, 0, "the number of steps") ?? Infinity;
    let goesOn = (scalar(view, 1, "the condition") ?? 1) !== 0;
    let state = Array.from({ length: Math.max(0, view.count - 2) }, (_, at) => view.value(at + 2));
    const collected: Tensor[][] = Array.from({ length: body.outputs.length - 1 - state.length }, () => []);
    for (let step = 0; goesOn && step < limit; step++) {
      if (step === MOST_STEPS)
        throw new NodeProblem("SIZE_INVALID", `more than ${MOST_STEPS} steps; export with a smaller number of them`);
      const given = [knownTensor([], [step], "int"), knownTensor([], [1], "bool"), ...state];
      const outputs = complete(inner(body, given));
      if (outputs === undefined) return [];
      const [condition, ...values] = outputs;
      if (condition?.known === undefined)
        throw new NodeProblem(
          "OPERAND_UNSUPPORTED",
          "whether it goes on is computed from inputs, and a circuit has one number of steps; export with a fixed one",
        );
      goesOn = condition.known[0] !== 0;
      state = values.slice(0, state.length);
      collected.forEach((list, at) => {
        const value = values[state.length + at];
        if (value !== undefined) list.push(value);
      });
    }
    return [...state, ...collected.map((list) => stack(graph, list, 0))];
  },
};

function scalar(view: NodeView, position: number, role: string): number | undefined {
  return view.optional(position) === undefined ? undefined : view.known(position, role).known[0];
}
