import { affine } from "../../build/arithmetic.ts";
import { groupsAlong } from "../../build/axes.ts";
import { type NodeView, normalizeAxis } from "../../build/node-view.ts";
import { forEachIndex } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, type Op } from "../op.ts";

export const topK: Op = {
  doc: {
    takes: "a known k, any axis, largest or smallest; of equals the first comes first, as in ONNX Runtime",
    cost: "n + 4 for each rank and element that competes, n + 1 for an element that is rounded first, and 1 for each rank",
    error: EXACT,
  },
  build(view, graph) {
    const given = view.operand(0);
    const axis = normalizeAxis(view.number("axis", -1), given.shape.length);
    const groups = groupsAlong(given.shape, axis);
    const { classes, inner } = groups;
    const ranks = ranksOf(view, classes);
    const shape = given.shape.map((size, at) => (at === axis ? ranks : size));
    const winners = graph.ranking(view.flag("largest", true) ? given : affine(graph, given, -1), groups, ranks);
    /** For each element of the result: where its row of winners starts, and the group that it ranks. */
    const places: { readonly row: number; readonly first: number }[] = [];
    forEachIndex([groups.outer, ranks, inner], ([outer = 0, rank = 0, after = 0]) => {
      const group = outer * inner + after;
      places.push({ row: (group * ranks + rank) * classes, first: outer * classes * inner + after });
    });
    const candidates = Array.from({ length: places.length * classes }, (_, at) => {
      const { row = 0, first = 0 } = places[Math.floor(at / classes)] ?? {};
      return { winner: row + (at % classes), element: first + (at % classes) * inner };
    });
    const shares = graph.product(
      winners,
      given,
      [places.length, classes],
      candidates.map(({ winner }) => winner),
      candidates.map(({ element }) => element),
      given.type,
    );
    const values = graph.linear(
      [shares],
      shape,
      (row, add) => {
        for (let at = 0; at < classes; at++) add(row * classes + at, 1);
      },
      { type: given.type },
    );
    const indices = graph.linear(
      [winners],
      shape,
      (row, add) => {
        for (let at = 0; at < classes; at++) add((places[row]?.row ?? 0) + at, at);
      },
      { type: "int" },
    );
    return [values, indices];
  },
};

function ranksOf(view: NodeView, classes: number): number {
  const known = view.opset < 10 ? view.number("k", 0) : (view.known(1, "k").known[0] ?? 0);
  if (!Number.isInteger(known) || known < 1 || known > classes)
    throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `k is ${known}, but the axis has ${classes} elements`);
  return known;
}
