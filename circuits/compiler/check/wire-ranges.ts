import type { Constraint, Terms } from "../../format/r1cs.ts";
import { type Interval, productInterval, squareInterval } from "../graph/interval.ts";
import { centered } from "../../format/field.ts";
import { type RowIndex, WorkList } from "./row-index.ts";
import type { SortedRows } from "./row-shapes.ts";

const BOOLEAN: Interval = { lo: 0n, hi: 1n };
const ONE: Interval = { lo: 1n, hi: 1n };
const ZERO: Interval = { lo: 0n, hi: 0n };
/** Intervals are only kept while sums of them cannot wrap around. */
export const SAFE = 1n << 250n;

/** Proven integer intervals of wires; a wire without one is a field element like any other. */
export type WireRanges = readonly (Interval | undefined)[];

/**
 * Booleans are 0 or 1. A row whose only wire without an interval is not in A or B, and has the coefficient 1 or -1,
 * gives it one: the wire equals an integer that is far smaller than the field.
 */
export function inferWireRanges(wireCount: number, rows: SortedRows, index: RowIndex): WireRanges {
  const ranges = new Array<Interval | undefined>(wireCount).fill(undefined);
  ranges[0] = ONE;
  for (const wire of rows.booleans) ranges[wire] = BOOLEAN;
  const open = index.countWithout((wire) => ranges[wire] !== undefined);
  const waiting = new WorkList(index.rowCount);
  open.forEach((count, row) => {
    if (count === 1) waiting.add(row);
  });
  for (let row = waiting.take(); row !== undefined; row = waiting.take()) {
    if (open[row] !== 1) continue;
    const found = rangeFrom(row, rows, ranges);
    if (found === undefined) continue;
    ranges[found.wire] = found.range;
    for (const touched of index.rowsOf(found.wire)) {
      open[touched] = (open[touched] ?? 0) - 1;
      if (open[touched] === 1) waiting.add(touched);
    }
  }
  return ranges;
}

function rangeFrom(
  row: number,
  { linear, products }: SortedRows,
  ranges: WireRanges,
): { readonly wire: number; readonly range: Interval } | undefined {
  const product = products[row - linear.length];
  const c = linear[row] ?? product?.c ?? [];
  const target = c.find(([wire]) => ranges[wire] === undefined);
  const sign = target === undefined ? 0n : centered(target[1]);
  if (target === undefined || (sign !== 1n && sign !== -1n)) return undefined;
  const others = rangeOf(
    c.filter((term) => term !== target),
    ranges,
  );
  const result = product === undefined ? ZERO : rangeOfProduct(product, ranges);
  if (others === undefined || result === undefined) return undefined;
  const [lo, hi] = [result.lo - others.hi, result.hi - others.lo];
  const range = sign === 1n ? { lo, hi } : { lo: -hi, hi: -lo };
  return isSafe(range) ? { wire: target[0], range } : undefined;
}

/** A sum times itself is no negative number: neither factor wraps, so they are the same integer. */
function rangeOfProduct({ a, b }: Constraint, ranges: WireRanges): Interval | undefined {
  const [left, right] = [rangeOf(a, ranges), rangeOf(b, ranges)];
  if (left === undefined || right === undefined) return undefined;
  const same =
    a.length === b.length && a.every(([wire, coefficient], at) => wire === b[at]?.[0] && coefficient === b[at][1]);
  return same ? squareInterval(left) : productInterval(left, right);
}

/** Interval of a sum of wires that have one; undefined if one has none or the sum could wrap. */
export function rangeOf(terms: Terms, ranges: WireRanges): Interval | undefined {
  let [lo, hi] = [0n, 0n];
  for (const [wire, coefficient] of terms) {
    const range = ranges[wire];
    if (range === undefined) return undefined;
    const weight = centered(coefficient);
    lo += weight * (weight > 0n ? range.lo : range.hi);
    hi += weight * (weight > 0n ? range.hi : range.lo);
  }
  return isSafe({ lo, hi }) ? { lo, hi } : undefined;
}

function isSafe({ lo, hi }: Interval): boolean {
  return lo > -SAFE && hi < SAFE;
}
