import { normalizeAxis } from "../../build/node-view.ts";
import { sizeOf } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import type { Curve } from "../../graph/layer.ts";
import { groupsAlong } from "../../build/axes.ts";
import { absolute } from "../elementwise/extremes.ts";
import { groupIndices, movedBack, reduceOver, sumOf } from "../order/reduction.ts";
import type { Op } from "../op.ts";
import { NORMALIZE_COST, NORMALIZE_ERROR, standardize } from "./normalize.ts";

/** What is as small is not told apart from a constant. */
const MVN_EPSILON = 1e-9;

/** Over batch and space, if the axes are not said. */
export const meanVarianceNormalization: Op = {
  doc: { takes: "any axes", cost: NORMALIZE_COST, error: NORMALIZE_ERROR },
  build(view, graph) {
    const reduction = reduceOver(view, graph, view.integersAttribute("axes") ?? [0, 2, 3]);
    return movedBack(graph, standardize(graph, reduction, MVN_EPSILON).values, reduction, view.operand(0).shape);
  },
};

/** A vector of zeros stays one. */
const INVERSE_ROOT: Curve = { name: "1 / sqrt(x)", of: (x) => (x > 0 ? 1 / Math.sqrt(x) : 0), relative: true };
const INVERSE: Curve = { name: "1 / x", of: (x) => (x > 0 ? 1 / x : 0), relative: true };

/** Divides each vector along an axis by its norm. */
export const lpNormalization: Op = {
  doc: { takes: "p = 1 or 2, any axis", cost: NORMALIZE_COST, error: NORMALIZE_ERROR },
  build(view, graph) {
    const tensor = view.operand(0);
    const p = view.number("p", 2);
    if (p !== 1 && p !== 2) throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `p is 1 or 2, not ${p}`);
    const groups = groupsAlong(tensor.shape, normalizeAxis(view.number("axis", -1), tensor.shape.length));
    const own = Int32Array.from({ length: sizeOf(tensor.shape) }, (_, at) => at);
    const sizes = p === 1 ? absolute(graph, tensor) : graph.product(tensor, tensor, tensor.shape, own, own);
    const norms = sumOf(graph, { tensor: sizes, groups, shape: [groups.outer * groups.inner] });
    const inverse = graph.curve(norms, p === 1 ? INVERSE : INVERSE_ROOT);
    return graph.clip(graph.product(tensor, inverse, tensor.shape, own, groupIndices(groups)), -1, 1);
  },
};
