import { affine, subtract } from "../../build/arithmetic.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import type { NodeView } from "../../build/node-view.ts";
import type { Tensor } from "../../build/tensor.ts";
import { multiply } from "../../build/arithmetic.ts";
import type { Op } from "../op.ts";
import { poolAll, poolAxes, poolWith } from "./average-pool.ts";

const DOC = {
  takes: "every attribute, any p",
  cost: "p = 1: n + 2 for each element; p = 2: 1 for each element and a table for each output; else a table for each",
  error: "none for p = 1, else a table's error, see Sqrt",
};

/** (sum of |x|^p)^(1/p) over a window. */
export const lpPool: Op = {
  doc: DOC,
  build: (view, graph) => norm(view, graph, (powers) => poolWith(graph, powers, poolAxes(view, powers), () => 1)),
};

export const globalLpPool: Op = {
  doc: DOC,
  build: (view, graph) => norm(view, graph, (powers) => poolAll(graph, powers, () => 1)),
};

function norm(view: NodeView, graph: GraphBuilder, sum: (powers: Tensor) => Tensor): Tensor {
  const [given, p] = [view.operand(0), view.number("p", 2)];
  if (p === 1) return sum(subtract(graph, affine(graph, graph.relu(given), 2), given));
  const powers =
    p === 2 ? multiply(graph, given, given) : graph.curve(given, { name: `|x|^${p}`, of: (x) => Math.abs(x) ** p });
  return graph.curve(sum(powers), { name: `x^(1/${p})`, of: (x) => Math.max(0, x) ** (1 / p) });
}
