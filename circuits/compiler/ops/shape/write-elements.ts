import { addTensors, affine, multiply, subtract } from "../../build/arithmetic.ts";
import type { GraphBuilder } from "../../build/graph-builder.ts";
import { reshaped, sizeOf, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";

type Join = (graph: GraphBuilder, old: Tensor, update: Tensor) => Tensor;

/** What becomes of an element that is written to; both tensors have the same shape. */
const REDUCTIONS: Readonly<Record<string, Join>> = {
  none: (_, __, update) => update,
  add: addTensors,
  mul: multiply,
  max: larger,
  min: (graph, old, update) => affine(graph, larger(graph, affine(graph, old, -1), affine(graph, update, -1)), -1),
};

/** The larger of two vectors, element by element. */
function larger(graph: GraphBuilder, one: Tensor, other: Tensor): Tensor {
  const count = sizeOf(one.shape);
  const pairs = graph.take(
    [one, other],
    [2, count],
    Int32Array.from({ length: 2 * count }, (_, at) => at),
  );
  return graph.max(pairs, { outer: 1, classes: 2, inner: count }, [count]);
}

function reductionNamed(name: string): Join {
  const join = Object.hasOwn(REDUCTIONS, name) ? REDUCTIONS[name] : undefined;
  if (join === undefined) throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `reduction "${name}" is not known`);
  return join;
}

/** Writes update i to the element `targets[i]` of the data; an element that is written again takes one after the other. */
export function scatterKnown(
  graph: GraphBuilder,
  data: Tensor,
  updates: Tensor,
  targets: Int32Array,
  reduction: string,
): Tensor {
  const join = reductionNamed(reduction);
  const written = new Map<number, number[]>();
  targets.forEach((target, update) => {
    const before = written.get(target);
    if (before === undefined) written.set(target, [update]);
    else before.push(update);
  });
  const rounds = Math.max(0, ...Array.from(written.values(), (list) => list.length));
  let current = data;
  for (let round = 0; round < rounds; round++) {
    const pairs = [...written].flatMap(([target, list]) => {
      const update = list[round];
      return update === undefined ? [] : [{ target, update }];
    });
    const old = graph.take(
      [current],
      [pairs.length],
      pairs.map(({ target }) => target),
    );
    const update = graph.take(
      [updates],
      [pairs.length],
      pairs.map(({ update }) => update),
    );
    current = overwrite(
      graph,
      current,
      join(graph, old, update),
      pairs.map(({ target }) => target),
    );
  }
  return current;
}

function overwrite(graph: GraphBuilder, data: Tensor, values: Tensor, targets: readonly number[]): Tensor {
  const from = Int32Array.from({ length: sizeOf(data.shape) }, (_, at) => at);
  targets.forEach((target, at) => {
    from[target] = sizeOf(data.shape) + at;
  });
  return graph.take([data, values], data.shape, from);
}

/**
 * Writes update i to the one of the elements `places[i]` that one-hot number i names. One update after the other, so
 * that an element that several name takes all of them, the last one winning as in ONNX Runtime.
 */
export function scatterComputed(
  graph: GraphBuilder,
  data: Tensor,
  updates: Tensor,
  hot: Tensor,
  places: readonly (readonly number[])[],
  reduction: string,
): Tensor {
  const join = reductionNamed(reduction);
  let current = data;
  for (const together of apart(places)) {
    const targets = together.flatMap((update) => places[update] ?? []);
    const sources = together.flatMap((update) => (places[update] ?? []).map(() => update));
    const chosen = together.flatMap((update) => {
      const count = places[update]?.length ?? 0;
      return Array.from({ length: count }, (_, at) => update * count + at);
    });
    const shape = [targets.length];
    const old = graph.take([current], shape, targets);
    const update = graph.take([updates], shape, sources);
    const change = reduction === "add" ? update : subtract(graph, join(graph, old, update), old);
    const step = multiply(graph, graph.take([hot], shape, chosen), change);
    current = overwrite(graph, current, addTensors(graph, old, step), targets);
  }
  return reshaped(current, data.shape);
}

/** Updates in rounds of those that have no place in common, in their order. */
function apart(places: readonly (readonly number[])[]): number[][] {
  const roundOf = new Map<number, number>();
  const rounds: number[][] = [];
  places.forEach((own, update) => {
    const round = 1 + Math.max(-1, ...own.map((place) => roundOf.get(place) ?? -1));
    for (const place of own) roundOf.set(place, round);
    (rounds[round] ??= []).push(update);
  });
  return rounds;
}
