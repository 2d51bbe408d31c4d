import type { NodeView } from "../../build/node-view.ts";
import type { Curve } from "../../graph/layer.ts";
import type { Op } from "../op.ts";

/** Of a table: half a unit for the straight pieces, 3/8 for their slopes and values, half for rounding. */
export const TABLE_ERROR =
  "1.375 units of the scale chosen for the result, 0.5 where a list of values is cheaper (up to about 9 bits); up " +
  "to 4 times that where 128 straight pieces do not do, more where 512 do not";

/** An operator that is a real function of each element. `rows` were measured for 12 bits, from -8 to 8. */
export function curveOp(of: (view: NodeView) => Curve, rows: number, takes = "anything"): Op {
  return {
    doc: { takes, cost: `35 for 8 bits; ${rows} for 12 bits that cover [-8, 8)`, error: TABLE_ERROR },
    build: (view, graph) => graph.curve(view.operand(0), of(view)),
  };
}
