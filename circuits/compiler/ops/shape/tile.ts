import { spread } from "../../build/arithmetic.ts";
import { broadcastShape } from "../../build/broadcast.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, FREE, type Op } from "../op.ts";
import { everyIndex, pick } from "./move.ts";

export const tile: Op = {
  doc: { takes: "known repeats", cost: FREE, error: EXACT },
  build(view, graph) {
    const given = view.operand(0);
    const repeats = view.known(1, "the number of repeats").known;
    if (repeats.length !== given.shape.length)
      throw new NodeProblem("SHAPE_MISMATCH", `${repeats.length} repeats for ${given.shape.length} axes`);
    return pick(
      graph,
      given,
      given.shape.map((size, axis) => everyIndex(size * (repeats[axis] ?? 1)).map((at) => at % size)),
    );
  },
};

export const expand: Op = {
  doc: { takes: "a known shape", cost: FREE, error: EXACT },
  build(view, graph) {
    const given = view.operand(0);
    return spread(graph, given, broadcastShape(given.shape, [...view.known(1, "the shape").known]));
  },
};
