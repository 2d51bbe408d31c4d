import { affine } from "../../build/arithmetic.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import type { NodeView } from "../../build/node-view.ts";
import { knownTensor, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";

/** The classes of a classifier: integers, which are its answer, or texts, whose positions are. */
export interface ClassLabels {
  readonly count: number;
  readonly texts?: readonly string[];
  readonly integers?: readonly number[];
}

/** Attribute names changed with the operators. */
export function readLabels(view: NodeView): ClassLabels {
  const texts = view.textsAttribute("classlabels_strings") ?? view.textsAttribute("classlabels_string");
  const integers = view.integersAttribute("classlabels_int64s") ?? view.integersAttribute("classlabels_ints");
  if (texts !== undefined && texts.length > 0) return { count: texts.length, texts };
  if (integers !== undefined && integers.length > 0) return { count: integers.length, integers };
  throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", "it names no classes; export it with classlabels_int64s");
}

/** The answer, given the position of a class: the position itself, with names, unless the labels are other integers. */
export function labelAt(graph: GraphBuilder, position: Tensor, { count, texts, integers }: ClassLabels): Tensor {
  const names = texts ?? (integers ?? []).map(String);
  if (texts !== undefined || integers?.every((label, at) => label === at) === true)
    return Object.freeze({ ...position, type: "int", labels: Object.freeze([...names]) });
  const values = integers ?? [];
  const [first = 0, second = 0] = values;
  const step = second - first;
  if (values.every((label, at) => label === first + at * step)) return affine(graph, position, step, first, "int");
  const chosen = graph.oneHot(position, count);
  return graph.linear(
    [chosen],
    position.shape,
    (row, add) => {
      values.forEach((label, at) => add(row * count + at, label));
    },
    { type: "int" },
  );
}

/** The answer as it is, 0 or 1, if a model's labels are not consulted. */
export function plainLabel(position: Tensor, { texts }: ClassLabels): Tensor {
  const labels = texts ?? ["0", "1"];
  return Object.freeze({ ...position, type: "int", labels: Object.freeze([...labels]) });
}

/** Whether a score of one row is above a bound: 1 or 0, of shape [1]. */
export function isAbove(graph: GraphBuilder, score: Tensor, bound: number): Tensor {
  const flat = graph.take([score], [1], [0]);
  return affine(graph, graph.step(affine(graph, flat, -1, bound)), -1, 1, "int");
}

export function rowOf(graph: GraphBuilder, parts: readonly Tensor[]): Tensor {
  if (parts.every(({ known }) => known !== undefined))
    return knownTensor(
      [1, parts.length],
      Float64Array.from(parts, ({ known }) => known?.[0] ?? 0),
    );
  return graph.take(
    parts,
    [1, parts.length],
    parts.map((_, at) => at),
  );
}
