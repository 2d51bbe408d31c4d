import { EXACT, type Op } from "../op.ts";

export const relu: Op = {
  doc: { takes: "anything", cost: "n + 2; 0 where the sign is known", error: EXACT },
  build: (view, graph) => graph.relu(view.operand(0)),
};
