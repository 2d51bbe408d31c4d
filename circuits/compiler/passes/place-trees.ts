import type { TreesLayer, ValueId } from "../graph/layer.ts";
import { exactFraction, fittingFraction, nearest } from "./fractions.ts";

/** The integers that a layer takes: each stands for integer * unit / 2^fraction. */
interface Source {
  readonly id: ValueId;
  readonly fraction: number;
  readonly unit: number;
}

/** Leaves cost nothing, so they are finer than what float32 sums of them would keep. Integers are exact. */
const LEAF_BITS = 28;

/**
 * Trees over integers: the least integer that is not below an edge stands for it, which is exact. `published` outputs
 * have no fraction below 0.
 */
export function placeTrees(
  layer: TreesLayer,
  { id, fraction: from, unit }: Source,
  published: boolean,
): { readonly layer: TreesLayer & { readonly kind: "trees" }; readonly fraction: number } {
  const numbers = [...layer.matrix.weight, ...layer.bias];
  const largest = numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const exact = numbers.reduce((most, value) => Math.max(most, exactFraction(value)), -Infinity);
  const finest = exact <= 0 ? Math.max(exact, -LEAF_BITS) : Math.min(fittingFraction(largest, LEAF_BITS), exact);
  const fraction = published ? Math.max(0, finest) : finest;
  const scaled = (values: Float64Array): Float64Array => values.map((value) => nearest(value * 2 ** fraction));
  const tests = layer.tests.map(({ element, edges }) => ({
    element,
    edges: withoutPairs(edges.map((edge) => Math.ceil((edge / unit) * 2 ** from) + 0)),
  }));
  const matrix = { ...layer.matrix, weight: scaled(layer.matrix.weight) };
  return { layer: { ...layer, inputs: [id], tests, matrix, bias: scaled(layer.bias) }, fraction };
}

/** Two edges at the same place undo each other. `edges` ascend. */
export function withoutPairs(edges: readonly number[]): number[] {
  const kept: number[] = [];
  for (const edge of edges)
    if (kept.at(-1) === edge) kept.pop();
    else kept.push(edge);
  return kept;
}
