import { affine } from "../../build/arithmetic.ts";
import { normalizeAxis } from "../../build/node-view.ts";
import { reshaped } from "../../build/tensor.ts";
import type { Op } from "../op.ts";
import {
  affineOf,
  groupsFrom,
  meanOf,
  NORMALIZE_COST,
  NORMALIZE_ERROR,
  rootMeanSquare,
  standardize,
} from "./normalize.ts";

const EPSILON = 1e-5;

export const layerNormalization: Op = {
  doc: { takes: "any axis, every output", cost: NORMALIZE_COST, error: NORMALIZE_ERROR },
  build(view, graph) {
    const given = view.operand(0);
    const axis = normalizeAxis(view.number("axis", -1), given.shape.length);
    const groups = groupsFrom(given.shape, axis);
    const shape = given.shape.map((size, at) => (at < axis ? size : 1));
    const reduction = { tensor: given, groups, shape };
    const { values, inverse } = standardize(graph, reduction, view.number("epsilon", EPSILON));
    const result = affineOf(graph, values, view.operand(1, "the scale"), view.optional(2));
    if (view.node.outputs.length < 2) return result;
    return [result, meanOf(graph, reduction), reshaped(affine(graph, inverse, groups.classes), shape)];
  },
};

export const rmsNormalization: Op = {
  doc: { takes: "any axis", cost: NORMALIZE_COST, error: NORMALIZE_ERROR },
  build(view, graph) {
    const given = view.operand(0);
    const axis = normalizeAxis(view.number("axis", -1), given.shape.length);
    const reduction = { tensor: given, groups: groupsFrom(given.shape, axis), shape: given.shape };
    const { values } = rootMeanSquare(graph, reduction, view.number("epsilon", EPSILON));
    return affineOf(graph, values, view.operand(1, "the scale"), undefined);
  },
};
