import type { NodeView } from "../../build/node-view.ts";
import { normalizeAxis } from "../../build/node-view.ts";
import { reshaped, sizeOf } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, FREE, type Op } from "../op.ts";

/** Operators that keep every value where it is in row-major order: they cost nothing and vanish. */
function renaming(takes: string, shape: (view: NodeView) => readonly number[]): Op {
  return {
    doc: { takes, cost: FREE, error: EXACT },
    build(view) {
      const given = view.operand(0);
      const result = shape(view);
      if (sizeOf(result) !== sizeOf(given.shape))
        throw new NodeProblem(
          "SHAPE_MISMATCH",
          `[${given.shape.join(", ")}] cannot become [${result.join(", ")}]; note that the batch is taken as 1`,
        );
      return reshaped(given, result);
    },
  };
}

export const identity: Op = {
  doc: { takes: "anything", cost: FREE, error: EXACT },
  build: (view) => view.value(0),
};

export const flatten: Op = renaming("any axis", (view) => {
  const { shape } = view.operand(0);
  const given = view.number("axis", 1);
  const axis = given === shape.length ? given : normalizeAxis(given, shape.length);
  return [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))];
});

export const reshape: Op = renaming("a known shape", (view) => {
  const from = view.operand(0).shape;
  const target = view.integers(1, "shape") ?? [];
  const known = target.map((size, axis) => (size === 0 && !view.flag("allowzero") ? (from[axis] ?? 0) : size));
  const rest = sizeOf(from) / sizeOf(known.filter((size) => size !== -1));
  return known.map((size) => (size === -1 ? rest : size));
});

export const squeeze: Op = renaming("known axes", (view) => {
  const { shape } = view.operand(0);
  const drop = view.integers(1, "axes")?.map((axis) => normalizeAxis(axis, shape.length));
  return shape.filter((size, axis) => (drop === undefined ? size !== 1 : !drop.includes(axis)));
});

export const unsqueeze: Op = renaming("known axes", (view) => {
  const { shape } = view.operand(0);
  const added = view.integers(1, "axes") ?? [];
  const rank = shape.length + added.length;
  const at = added.map((axis) => normalizeAxis(axis, rank));
  let next = 0;
  return Array.from({ length: rank }, (_, axis) => (at.includes(axis) ? 1 : (shape[next++] ?? 1)));
});
