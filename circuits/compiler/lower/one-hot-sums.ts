import type { Sum } from "../gadgets/gadget.ts";
import { BIT } from "../graph/interval.ts";
import type { ProgramBuilder } from "./program-builder.ts";
import { combine, plus } from "./sums.ts";

/**
 * Bits to one-hot without a hint: the bits are halved, each half becomes a one-hot, and the positions are products of
 * the two. A row of products adds up to the half's own member, so that the last of it is free: about `count` products
 * for each element. Works on all elements at once, because one stage takes what the stage before gives.
 */
export function oneHotSums(digits: readonly (readonly Sum[])[], count: number, builder: ProgramBuilder): Sum[][] {
  const [first = []] = digits;
  const width = first.length;
  if (width === 0) return digits.map(() => [{ scalars: [], weights: [], constant: 1n }]);
  if (width === 1)
    return digits.map(([bit]) => {
      if (bit === undefined) throw new RangeError("a digit is missing");
      return [plus(combine([bit], [-1n], 0n), 1n), bit];
    });
  const half = width >> 1;
  const low = oneHotSums(
    digits.map((bits) => bits.slice(0, half)),
    1 << half,
    builder,
  );
  const high = oneHotSums(
    digits.map((bits) => bits.slice(half)),
    ((count - 1) >> half) + 1,
    builder,
  );
  return digits.map((_, element) => multiply(low[element] ?? [], high[element] ?? [], count, builder));
}

/** Positions at and above `count` are never named, so they are left out. */
function multiply(low: readonly Sum[], high: readonly Sum[], count: number, builder: ProgramBuilder): Sum[] {
  return high.flatMap((row, at) => {
    const wanted = Math.min(low.length, count - at * low.length);
    const found: Sum[] = [];
    for (let position = 0; position < wanted - 1; position++) {
      const column = low[position];
      if (column !== undefined) found.push(builder.product(column, row));
    }
    const rest = combine([row, ...found], [1n, ...found.map(() => -1n)], 0n);
    return [...found, builder.known(rest, BIT)];
  });
}
