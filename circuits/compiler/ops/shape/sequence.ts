import type { GraphBuilder } from "../../build/graph-builder.ts";
import { type NodeView, normalizeAxis } from "../../build/node-view.ts";
import { knownTensor, reshaped, sequenceOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { stack } from "../control/body.ts";
import { EXACT, FREE, type Op } from "../op.ts";
import { concatenate } from "./concat.ts";
import { everyIndex, pick } from "./move.ts";

/** Sequences are lists of tensors while a model is read; their lengths and the places in them are known. */
function sequenceOp(takes: string, build: Op["build"]): Op {
  return { doc: { takes, cost: FREE, error: EXACT }, build };
}

export const sequenceConstruct: Op = sequenceOp("any tensors", (view) => sequenceOf(view.operands()));

export const sequenceEmpty: Op = sequenceOp("no operand", () => sequenceOf([]));

export const sequenceLength: Op = sequenceOp("any sequence", (view) =>
  knownTensor([], [view.sequence(0).length], "int"),
);

export const sequenceAt: Op = sequenceOp("a known place, also from the end", (view) => {
  const items = view.sequence(0);
  const found = items[placeIn(view, 1, items.length - 1)];
  if (found === undefined) throw new NodeProblem("SHAPE_MISMATCH", `the sequence has ${items.length} tensors`);
  return found;
});

export const sequenceInsert: Op = sequenceOp("a known place, also from the end; the end if none is given", (view) => {
  const items = view.sequence(0);
  const at = view.optional(2) === undefined ? items.length : placeIn(view, 2, items.length);
  return sequenceOf([...items.slice(0, at), view.operand(1), ...items.slice(at)]);
});

export const sequenceErase: Op = sequenceOp("a known place, also from the end; the last if none is given", (view) => {
  const items = view.sequence(0);
  const at = view.optional(1) === undefined ? items.length - 1 : placeIn(view, 1, items.length - 1);
  return sequenceOf(items.filter((_, index) => index !== at));
});

export const splitToSequence: Op = sequenceOp("known sizes, or one for all, or parts of one element", (view, graph) => {
  const given = view.operand(0);
  const axis = normalizeAxis(view.number("axis", 0), given.shape.length);
  const size = given.shape[axis] ?? 1;
  let start = 0;
  return sequenceOf(
    partsOf(view, size).map((length) => {
      const from = start;
      start += length;
      const part = cut(graph, given, axis, from, length);
      const whole = view.optional(1) !== undefined || view.flag("keepdims", true);
      return whole
        ? part
        : reshaped(
            part,
            part.shape.filter((_, at) => at !== axis),
          );
    }),
  );
});

export const concatFromSequence: Op = sequenceOp("any axis, also a new one", (view, graph) => {
  const items = view.sequence(0);
  const axis = view.number("axis", 0);
  if (items.length === 0) throw new NodeProblem("SHAPE_MISMATCH", "the sequence is empty");
  if (view.flag("new_axis")) return stack(graph, items, axis);
  return concatenate(graph, items, normalizeAxis(axis, items[0]?.shape.length ?? 0));
});

function placeIn(view: NodeView, operand: number, last: number): number {
  const at = view.known(operand, "the place").known[0] ?? 0;
  const place = at < 0 ? at + last + 1 : at;
  if (place < 0 || place > last) throw new NodeProblem("SHAPE_MISMATCH", `the sequence has no place ${at}`);
  return place;
}

function partsOf(view: NodeView, size: number): readonly number[] {
  if (view.optional(1) === undefined) return everyIndex(size).map(() => 1);
  const { shape, known } = view.known(1, "the size of the parts");
  const [each = 1] = known;
  const parts =
    shape.length > 0
      ? [...known]
      : everyIndex(Math.ceil(size / Math.max(1, each))).map((at) => Math.min(each, size - at * each));
  if (parts.reduce((sum, part) => sum + part, 0) !== size)
    throw new NodeProblem("SHAPE_MISMATCH", `parts of [${parts.join(", ")}] do not divide ${size} elements`);
  return parts;
}

function cut(graph: GraphBuilder, tensor: Tensor, axis: number, from: number, length: number): Tensor {
  const lists = tensor.shape.map((size, at) => everyIndex(at === axis ? length : size));
  lists[axis] = everyIndex(length).map((at) => from + at);
  return pick(graph, tensor, lists);
}
