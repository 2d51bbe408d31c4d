import { EXACT, type Op } from "../op.ts";
import { positivePart } from "./extremes.ts";

export const relu: Op = {
  doc: { takes: "anything", cost: "n + 2; 0 where the sign is known", error: EXACT },
  build: (view, graph) => positivePart(graph, view.operand(0)),
};
