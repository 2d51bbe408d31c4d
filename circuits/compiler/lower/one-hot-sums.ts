import type { Sum } from "../gadgets/gadget.ts";
import { BIT } from "../graph/interval.ts";
import type { ProgramBuilder } from "./program-builder.ts";
import { combine, plus } from "./sums.ts";

/**
 * Bits to one-hot without a hint: the bits are halved, each half becomes a one-hot, and the positions are products of
 * the two. Rows and columns of products add up to the halves' own members, so that the last of each is free: about
 * `count` products for each element. Works on all elements at once, because one stage takes what the stage before gives.
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

/** Rows of a one-hot of all numbers of so many bits. */
export function oneHotRows(bits: number): number {
  if (bits < 2) return 0;
  const [low, high] = [bits >> 1, bits - (bits >> 1)];
  return oneHotRows(low) + oneHotRows(high) + (2 ** low - 1) * (2 ** high - 1);
}

/**
 * Positions at and above `count` are never named, so they are left out. Each column adds up to the low half's member:
 * that gives the last row.
 */
function multiply(low: readonly Sum[], high: readonly Sum[], count: number, builder: ProgramBuilder): Sum[] {
  const found: Sum[] = [];
  high.forEach((row, at) => {
    const wanted = Math.min(low.length, count - at * low.length);
    const own: Sum[] = [];
    for (let position = 0; position < wanted; position++) {
      const column = low[position] ?? row;
      const above = found.filter((_, place) => place % low.length === position);
      const last = at === high.length - 1;
      if (last) own.push(builder.known(combine([column, ...above], [1n, ...above.map(() => -1n)], 0n), BIT));
      else if (position < wanted - 1) own.push(builder.product(column, row));
      else own.push(builder.known(combine([row, ...own], [1n, ...own.map(() => -1n)], 0n), BIT));
    }
    found.push(...own);
  });
  return found;
}
