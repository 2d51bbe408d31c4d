import { addTensors, affine, subtract } from "../../build/arithmetic.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { sizeOf, type Tensor } from "../../build/tensor.ts";
import { groupsOf } from "../../graph/groups.ts";
import { absolute } from "../elementwise/extremes.ts";
import { EXACT, type Op, type OpDoc } from "../op.ts";
import { EXPONENTIAL, LOGARITHM, LOGARITHM_ABOVE_1, ROOT } from "./curves.ts";
import { overGroups, type Reduction, reductionOf, sumOf } from "./reduction.ts";

const AXES = "any axes, which must be known";

function reduce(doc: Omit<OpDoc, "takes">, of: (graph: GraphBuilder, reduction: Reduction) => Tensor): Op {
  return { doc: { takes: AXES, ...doc }, build: (view, graph) => of(graph, reductionOf(view, graph)) };
}

const COMPARED = { cost: "n + 2 for each element but one of a group", error: EXACT };

export const reduceMax: Op = reduce(COMPARED, largest);

export const reduceMin: Op = reduce(COMPARED, (graph, reduction) => {
  const negated = { ...reduction, tensor: affine(graph, reduction.tensor, -1) };
  return affine(graph, largest(graph, negated), -1);
});

export const reduceProd: Op = reduce(
  { cost: "1 for each element but one of a group, and n + 1 for each factor that is rounded first", error: "rounded" },
  productOf,
);

export const reduceL1: Op = reduce({ cost: "n + 2 an element", error: EXACT }, (graph, reduction) =>
  sumOf(graph, { ...reduction, tensor: absolute(graph, reduction.tensor) }),
);

export const reduceL2: Op = reduce(
  { cost: "1 an element and n + 1 where it is rounded first, and a table for each group", error: "see Sqrt" },
  (graph, reduction) => graph.curve(sumOfSquares(graph, reduction), ROOT),
);

export const reduceSumSquare: Op = reduce(
  { cost: "1 an element and n + 1 where it is rounded first", error: "rounded" },
  sumOfSquares,
);

export const reduceLogSum: Op = reduce({ cost: "a table for each group", error: "see Log" }, (graph, reduction) =>
  graph.curve(sumOf(graph, reduction), LOGARITHM),
);

/** The largest is taken off first: no exponential is above 1, and the largest of a group is 1. */
export const reduceLogSumExp: Op = reduce(
  { cost: "n + 2 and a table an element, and a table for each group", error: "see Exp and Log" },
  (graph, reduction) => {
    const most = largest(graph, reduction);
    const distance = subtract(graph, reduction.tensor, overGroups(graph, most, reduction));
    const sum = sumOf(graph, { ...reduction, tensor: graph.curve(distance, EXPONENTIAL) });
    return addTensors(graph, graph.curve(sum, LOGARITHM_ABOVE_1), most);
  },
);

function largest(graph: GraphBuilder, { tensor, groups, shape }: Reduction): Tensor {
  return graph.max(tensor, groups, shape);
}

function sumOfSquares(graph: GraphBuilder, reduction: Reduction): Tensor {
  const { tensor } = reduction;
  const each = Int32Array.from({ length: sizeOf(tensor.shape) }, (_, at) => at);
  return sumOf(graph, { ...reduction, tensor: graph.product(tensor, tensor, tensor.shape, each, each, tensor.type) });
}

/** Neighbours first, so that no product has more factors than it must. */
function productOf(graph: GraphBuilder, { tensor, groups, shape }: Reduction): Tensor {
  const members = groupsOf(groups);
  const own = Int32Array.from(members.keys());
  let factors = Array.from({ length: groups.classes }, (_, position) => ({
    of: tensor,
    at: Int32Array.from(members, (group) => group[position] ?? 0),
  }));
  while (factors.length > 1)
    factors = factors.flatMap((factor, position) => {
      const next = factors[position + 1];
      if (position % 2 === 1) return [];
      if (next === undefined) return [factor];
      return [{ of: graph.product(factor.of, next.of, shape, factor.at, next.at, tensor.type), at: own }];
    });
  const [only] = factors;
  return only === undefined ? tensor : graph.take([only.of], shape, only.at);
}
