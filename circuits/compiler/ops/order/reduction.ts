import type { GraphBuilder } from "../../build/graph-builder.ts";
import { type NodeView, normalizeAxis } from "../../build/node-view.ts";
import { forEachIndex, reshaped, sizeOf, stridesOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { groupsOf } from "../../graph/groups.ts";
import type { Groups } from "../../graph/layer.ts";

/** The operand with its reduced axes side by side, as the middle one of three dimensions. */
export interface Reduction {
  readonly tensor: Tensor;
  readonly groups: Groups;
  /** Of the result. */
  readonly shape: readonly number[];
  /** Where the operand's elements were, if they had to be moved. */
  readonly from?: Int32Array;
}

/**
 * What a Reduce operator runs over: its axes are an attribute or, in newer opsets, an operand; without any it reduces all
 * of them, or with `noop_with_empty_axes` each element by itself.
 */
export function reductionOf(view: NodeView, graph: GraphBuilder): Reduction {
  return reduceOver(view, graph, view.integers(1, "axes") ?? []);
}

export function reduceOver(view: NodeView, graph: GraphBuilder, named: readonly number[]): Reduction {
  const given = view.operand(0);
  const rank = given.shape.length;
  const all = named.length === 0 && !view.flag("noop_with_empty_axes");
  const axes = new Set(all ? given.shape.keys() : named.map((axis) => normalizeAxis(axis, rank)));
  const keep = view.flag("keepdims", true);
  const shape = given.shape.flatMap((size, axis) => (!axes.has(axis) ? [size] : keep ? [1] : []));
  if (sizeOf(given.shape) === 0) throw new NodeProblem("SIZE_INVALID", "nothing can be reduced: the operand is empty");
  return {
    ...sideBySide(
      graph,
      given,
      [...axes].sort((one, other) => one - other),
    ),
    shape,
  };
}

/** Neighbouring axes are side by side already; others are moved to the end. */
function sideBySide(graph: GraphBuilder, tensor: Tensor, axes: readonly number[]): Omit<Reduction, "shape"> {
  const { shape } = tensor;
  const [first = shape.length, last = first - 1] = [axes[0], axes.at(-1)];
  if (last - first + 1 === axes.length)
    return {
      tensor,
      groups: {
        outer: sizeOf(shape.slice(0, first)),
        classes: sizeOf(shape.slice(first, last + 1)),
        inner: sizeOf(shape.slice(last + 1)),
      },
    };
  const order = [...shape.keys()].filter((axis) => !axes.includes(axis)).concat(axes);
  const strides = stridesOf(shape);
  const moved = order.map((axis) => shape[axis] ?? 1);
  const from = new Int32Array(sizeOf(shape));
  forEachIndex(moved, (at, flat) => {
    from[flat] = at.reduce((sum, index, axis) => sum + index * (strides[order[axis] ?? 0] ?? 0), 0);
  });
  const classes = axes.reduce((product, axis) => product * (shape[axis] ?? 1), 1);
  return {
    tensor: graph.take([tensor], moved, from),
    groups: { outer: from.length / classes, classes, inner: 1 },
    from,
  };
}

/** Elements in the order of a reduction's tensor, back where the operand has them. */
export function movedBack(graph: GraphBuilder, tensor: Tensor, { from }: Reduction, shape: readonly number[]): Tensor {
  if (from === undefined) return reshaped(tensor, shape);
  const back = new Int32Array(from.length);
  from.forEach((origin, at) => (back[origin] = at));
  return graph.take([tensor], shape, back);
}

/** The sum of each group. */
export function sumOf(graph: GraphBuilder, { tensor, groups, shape }: Reduction): Tensor {
  const members = groupsOf(groups);
  return graph.linear(
    [tensor],
    shape,
    (row, add) => {
      for (const at of members[row] ?? []) add(at, 1);
    },
    { type: tensor.type === "real" ? "real" : "int" },
  );
}

/** For each element, which group it is in. */
export function groupIndices({ outer, classes, inner }: Groups): Int32Array {
  return Int32Array.from(
    { length: outer * classes * inner },
    (_, at) => Math.floor(at / (classes * inner)) * inner + (at % inner),
  );
}

/** Each group's element of `shared`, for every element of the group. */
export function overGroups(graph: GraphBuilder, shared: Tensor, { tensor, groups }: Reduction): Tensor {
  return graph.take([shared], tensor.shape, groupIndices(groups));
}
