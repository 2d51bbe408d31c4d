import type { WholeLayer } from "../../graph/layer.ts";
import { EXACT, type Op } from "../op.ts";

function rounding(mode: WholeLayer["mode"], cost: string, takes: string): Op {
  return {
    doc: { takes, cost, error: EXACT },
    build: (view, graph) => graph.whole(view.operand(0), mode),
  };
}

export const floor = rounding("floor", "n + 1", "anything");
export const ceil = rounding("ceil", "n + 1", "anything");
export const round = rounding("even", "3n", "anything; half to even");
