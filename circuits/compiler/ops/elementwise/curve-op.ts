import type { NodeView } from "../../build/node-view.ts";
import type { Curve } from "../../graph/layer.ts";
import type { Op } from "../op.ts";

/** Of a table: half a unit for the straight pieces, a quarter for their slopes, half for rounding. */
export const TABLE_ERROR = "1.25 units of the scale chosen for the result";

/** An operator that is a real function of each element. `cost` was measured on [-8, 8] unless it says otherwise. */
export function curveOp(of: (view: NodeView) => Curve, cost: string, takes = "anything"): Op {
  return {
    doc: { takes, cost, error: TABLE_ERROR },
    build: (view, graph) => graph.curve(view.operand(0), of(view)),
  };
}
