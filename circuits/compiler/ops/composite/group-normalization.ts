import type { NodeView } from "../../build/node-view.ts";
import { sizeOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import type { Op } from "../op.ts";
import { affineOf, NORMALIZE_COST, NORMALIZE_ERROR, standardize } from "./normalize.ts";

const EPSILON = 1e-5;

/** Each instance's channels by themselves. */
export const instanceNormalization: Op = {
  doc: { takes: "any number of spatial axes", cost: NORMALIZE_COST, error: NORMALIZE_ERROR },
  build: (view, graph) => normalizeChannels(view, graph, view.operand(0).shape[1] ?? 1),
};

/** The scale and the bias are one for each group in opset 18 and one for each channel since. */
export const groupNormalization: Op = {
  doc: { takes: "any number of spatial axes", cost: NORMALIZE_COST, error: NORMALIZE_ERROR },
  build: (view, graph) => normalizeChannels(view, graph, view.number("num_groups", 0)),
};

function normalizeChannels(view: NodeView, graph: GraphBuilder, groups: number): Tensor {
  const given = view.operand(0);
  const [batch = 1, channels = 1] = given.shape;
  if (given.shape.length < 3 || groups < 1 || channels % groups !== 0)
    throw new NodeProblem("SHAPE_MISMATCH", `${channels} channels cannot be normalized in ${groups} groups`);
  const size = sizeOf(given.shape) / (batch * groups);
  const reduction = {
    tensor: given,
    groups: { outer: batch * groups, classes: size, inner: 1 },
    shape: [batch, groups],
  };
  const { values } = standardize(graph, reduction, view.number("epsilon", EPSILON));
  const perChannel = (operand: number, role: string): Tensor => {
    const tensor = view.operand(operand, role);
    const each = Int32Array.from({ length: channels }, (_, channel) =>
      sizeOf(tensor.shape) === channels ? channel : Math.floor((channel * groups) / channels),
    );
    const spatial = given.shape.slice(2).map(() => 1);
    if (![channels, groups].includes(sizeOf(tensor.shape)))
      throw new NodeProblem("SHAPE_MISMATCH", `${role} must have ${groups} or ${channels} elements`);
    return graph.take([tensor], [channels, ...spatial], each);
  };
  return affineOf(graph, values, perChannel(1, "the scale"), perChannel(2, "the bias"));
}
