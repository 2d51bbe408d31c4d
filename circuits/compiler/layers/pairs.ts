import { z } from "zod";

import type { ValueId } from "../graph/layer.ts";
import { position, value } from "./elementwise.ts";

/** Rules that all layers share in which output element i is made of an element of each of two inputs. */
export interface Pairwise {
  readonly inputs: readonly [ValueId, ValueId];
  readonly left: Int32Array;
  readonly right: Int32Array;
}

const positions = z
  .array(position)
  .min(1)
  .transform((elements) => Int32Array.from(elements));

/** The fields of such a layer in its JSON form. */
export const PAIRS = { inputs: z.tuple([value, value]), left: positions, right: positions };

export function needsPairs({ left, right }: Pairwise, wanted: readonly number[]): readonly Iterable<number>[] {
  return [wanted.map((at) => left[at] ?? 0), wanted.map((at) => right[at] ?? 0)];
}

export function keepPairs<Kind extends Pairwise>(
  layer: Kind,
  wanted: readonly number[],
  [keptLeft = [], keptRight = []]: readonly (readonly number[])[],
): Kind {
  const [toLeft, toRight] = [positionsOf(keptLeft), positionsOf(keptRight)];
  return Object.freeze({
    ...layer,
    left: Int32Array.from(wanted, (at) => toLeft.get(layer.left[at] ?? 0) ?? 0),
    right: Int32Array.from(wanted, (at) => toRight.get(layer.right[at] ?? 0) ?? 0),
  });
}

export function pairProblems({ left, right }: Pairwise, [first = 0, second = 0]: readonly number[]): string[] {
  const problems: string[] = [];
  if (left.length !== right.length) problems.push("left and right differ in number");
  if (left.some((at) => at >= first) || right.some((at) => at >= second))
    problems.push("takes an element that does not exist");
  return problems;
}

export function encodePairs(layer: Pairwise): Record<string, unknown> {
  return { ...layer, left: [...layer.left], right: [...layer.right] };
}

/** For each output element, the two that it is made of. */
export function mapPairs<Element, Result>(
  { left, right }: Pairwise,
  [one = [], other = []]: readonly (ArrayLike<Element> | undefined)[],
  make: (left: Element, right: Element) => Result,
): Result[] {
  return Array.from(left, (from, at) => {
    const [a, b] = [one[from], other[right[at] ?? 0]];
    if (a === undefined || b === undefined) throw new RangeError(`element ${at} takes what does not exist`);
    return make(a, b);
  });
}

function positionsOf(elements: readonly number[]): ReadonlyMap<number, number> {
  return new Map(elements.map((element, position) => [element, position]));
}
