import { NodeProblem } from "../compile-error.ts";
import {
  integersAttribute,
  type NodeView,
  normalizeAxis,
  numberAttribute,
  type Op,
  requireConstant,
  sizeOf,
} from "./op.ts";

/** Operators that keep every value where it is in row-major order: they cost nothing and vanish. */
function renaming(shape: (view: NodeView) => readonly number[]): Op {
  return {
    shape(view) {
      const result = shape(view);
      if (sizeOf(result) !== sizeOf(view.shape(0)))
        throw new NodeProblem(
          "SHAPE_MISMATCH",
          `[${view.shape(0).join(", ")}] cannot become [${result.join(", ")}]; note that the batch is taken as 1`,
        );
      return result;
    },
    translate: () => ({ kind: "same", operand: 0 }),
  };
}

export const identity: Op = renaming((view) => view.shape(0));

export const flatten: Op = renaming((view) => {
  const shape = view.shape(0);
  const given = numberAttribute(view.node, "axis", 1);
  const axis = given === shape.length ? given : normalizeAxis(given, shape.length);
  return [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))];
});

export const reshape: Op = renaming((view) => {
  const from = view.shape(0);
  const target = axes(view, "shape", "the target shape") ?? [];
  const keepZero = numberAttribute(view.node, "allowzero", 0) !== 0;
  const known = target.map((size, axis) => (size === 0 && !keepZero ? (from[axis] ?? 0) : size));
  const rest = sizeOf(from) / sizeOf(known.filter((size) => size !== -1));
  return known.map((size) => (size === -1 ? rest : size));
});

export const squeeze: Op = renaming((view) => {
  const shape = view.shape(0);
  const drop = axes(view, "axes", "the axes")?.map((axis) => normalizeAxis(axis, shape.length));
  return shape.filter((size, axis) => (drop === undefined ? size !== 1 : !drop.includes(axis)));
});

export const unsqueeze: Op = renaming((view) => {
  const shape = view.shape(0);
  const added = axes(view, "axes", "the axes") ?? [];
  const rank = shape.length + added.length;
  const at = added.map((axis) => normalizeAxis(axis, rank));
  let next = 0;
  return Array.from({ length: rank }, (_, axis) => (at.includes(axis) ? 1 : (shape[next++] ?? 1)));
});

/** A list of integers: an operand in newer opsets, an attribute in older ones. */
function axes(view: NodeView, name: string, role: string): readonly number[] | undefined {
  if ((view.node.inputs[1] ?? "") !== "") return Array.from(requireConstant(view, 1, role).values);
  return integersAttribute(view.node, name);
}
