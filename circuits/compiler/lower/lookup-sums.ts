import type { Sum } from "../gadgets/gadget.ts";
import { bitLength, hull, type Interval } from "../graph/interval.ts";
import { oneHotRows, oneHotSums } from "./one-hot-sums.ts";
import type { ProgramBuilder } from "./program-builder.ts";
import { combine, ZERO } from "./sums.ts";

/** One element that is looked up: it lies in [0, table.length). */
export interface Lookup {
  readonly sum: Sum;
  readonly table: readonly bigint[];
}

/** Rows of one lookup in a table of so many values. */
export function lookupRows(length: number): number {
  const bits = bitLength(BigInt(length - 1));
  return bits + 1 + lowBits(bits).rows;
}

/**
 * What constant tables hold, exactly: the element is cut into bits, the lower ones become a one-hot, which a table's
 * columns are linear in, and each of the upper ones chooses between neighbouring columns with one product. 8 bits take 35
 * rows. (Known as multiplexer lookups; circomlib's Mux works on the same idea without the one-hot.)
 */
export function lookupSums(lookups: readonly Lookup[], builder: ProgramBuilder): Sum[] {
  const found = new Array<Sum>(lookups.length).fill(ZERO);
  const widths = lookups.map(({ table }) => bitLength(BigInt(table.length - 1)));
  for (const width of new Set(widths)) {
    const places = [...lookups.keys()].filter((place) => widths[place] === width);
    const same = places.flatMap((place) => lookups[place] ?? []);
    lookupAlike(same, width, builder).forEach((sum, at) => {
      found[places[at] ?? 0] = sum;
    });
  }
  return found;
}

/** A value with what it can be. */
interface Bounded {
  readonly sum: Sum;
  readonly range: Interval;
}

function lookupAlike(lookups: readonly Lookup[], width: number, builder: ProgramBuilder): Sum[] {
  const digits = lookups.map(({ sum }) => builder.bitsOf(sum, width));
  const low = lowBits(width).low;
  const members = oneHotSums(
    digits.map((bits) => bits.slice(0, low)),
    1 << low,
    builder,
  );
  let columns = lookups.map(({ table }, element) => columnsOf(table, members[element] ?? [], width - low));
  for (let level = low; level < width; level++)
    columns = columns.map((column, element) => halve(column, digits[element]?.[level] ?? ZERO, builder));
  return columns.map(([only]) => {
    if (only === undefined) throw new RangeError("a table is empty");
    return builder.known(only.sum, only.range);
  });
}

/** For each value of the upper bits, what the lower ones choose. What lies beyond the table is never named. */
function columnsOf(table: readonly bigint[], members: readonly Sum[], upper: number): Bounded[] {
  return Array.from({ length: 1 << upper }, (_, column) => {
    const values = members.map((_member, at) => table[column * members.length + at] ?? table.at(-1) ?? 0n);
    return { sum: combine(members, values, 0n), range: hull(values) };
  });
}

function halve(column: readonly Bounded[], bit: Sum, builder: ProgramBuilder): Bounded[] {
  return Array.from({ length: column.length / 2 }, (_, at) => {
    const [even, odd] = [column[2 * at], column[2 * at + 1]];
    if (even === undefined || odd === undefined) throw new RangeError("columns come in pairs");
    const rise = builder.product(bit, combine([odd.sum, even.sum], [1n, -1n], 0n));
    const range = hull([even.range.lo, even.range.hi, odd.range.lo, odd.range.hi]);
    return { sum: combine([even.sum, rise], [1n, 1n], 0n), range };
  });
}

/** How many of the bits become a one-hot so that it costs the least. */
function lowBits(width: number): { readonly low: number; readonly rows: number } {
  let best = { low: 0, rows: Infinity };
  for (let low = 0; low <= width; low++) {
    const rows = oneHotRows(low) + 2 ** (width - low) - 1;
    if (rows < best.rows) best = { low, rows };
  }
  return best;
}
