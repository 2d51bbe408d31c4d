import type { Terms } from "../../format/r1cs.ts";
import { areDigits } from "./digits.ts";
import type { Facts } from "./facts.ts";
import { centered } from "../../format/field.ts";
import { SAFE } from "./wire-ranges.ts";

/** A row  known + sum of bounds[i] * o[i] - distance = 0,  where the distance is one of digits: not negative. */
interface BoundRow {
  readonly known: ReadonlyMap<number, bigint>;
  readonly bounds: ReadonlyMap<number, bigint>;
  readonly digits: Terms;
}

/**
 * A rule that is trusted for its proof and not for its form. Wires o[0..n) are boolean with sum 1, and there are two
 * linear rows
 *      z - sum of start[i] * o[i] - above = 0
 *     -z + sum of   end[i] * o[i] - below = 0
 * where z is a sum of known wires, and `above` and `below` are sums of digits with positive coefficients. Let o[w] = 1.
 * Then start[w] <= z <= end[w]: inequalities of integers, because |z|, all starts and ends and both distances are below
 * 2^250, so that no row can hold only modulo the field's order. The intervals do not overlap, so w is unique; with it the
 * distances, and with them their digits.
 *
 * Learns all of these wires, or nothing. `row` and `others` are linear rows that mention members of the one-hot: `row` is
 * tried with each of the others.
 */
export function settleSegments(members: readonly number[], row: Terms, others: Iterable<Terms>, facts: Facts): boolean {
  const isMember = new Set(members);
  const lower = readBounds(row, isMember, facts);
  if (lower === undefined) return false;
  for (const other of others) {
    const upper = other === row ? undefined : readBounds(other, isMember, facts);
    if (upper === undefined || !areOpposite(lower.known, upper.known) || !areApart(members, lower, upper)) continue;
    for (const wire of [...members, ...lower.digits.map(([bit]) => bit), ...upper.digits.map(([bit]) => bit)])
      facts.learn(wire);
    return true;
  }
  return false;
}

function readBounds(terms: Terms, isMember: ReadonlySet<number>, facts: Facts): BoundRow | undefined {
  const known: (readonly [number, bigint])[] = [];
  const bounds: (readonly [number, bigint])[] = [];
  const digits: (readonly [number, bigint])[] = [];
  for (const term of terms) {
    if (facts.isKnown(term[0])) known.push(term);
    else if (isMember.has(term[0])) bounds.push(term);
    else if (facts.isBoolean(term[0])) digits.push(term);
    else return undefined;
  }
  // The digits say which sign the row has; without any, either will do.
  const sign = digits[0] !== undefined && centered(digits[0][1]) > 0n ? -1n : 1n;
  let farthest = 0n;
  for (const [, coefficient] of digits) {
    const weight = -sign * centered(coefficient);
    if (weight <= 0n) return undefined;
    farthest += weight;
  }
  if (farthest >= SAFE || facts.rangeOf(known) === undefined) return undefined;
  if (digits.length > 0 && !areDigits(digits)) return undefined;
  const signed = ([wire, coefficient]: readonly [number, bigint]): [number, bigint] => [
    wire,
    sign * centered(coefficient),
  ];
  return { known: new Map(known.map(signed)), bounds: new Map(bounds.map(signed)), digits };
}

function areOpposite(one: ReadonlyMap<number, bigint>, other: ReadonlyMap<number, bigint>): boolean {
  return one.size === other.size && [...one].every(([wire, weight]) => other.get(wire) === -weight);
}

/** Whether the intervals are small against the field and none shares an integer with another. */
function areApart(members: readonly number[], lower: BoundRow, upper: BoundRow): boolean {
  const intervals = members
    .map((wire) => ({ start: -(lower.bounds.get(wire) ?? 0n), end: upper.bounds.get(wire) ?? 0n }))
    .filter(({ start, end }) => start <= end)
    .sort((one, other) => (one.start < other.start ? -1 : one.start > other.start ? 1 : 0));
  return intervals.every(({ start, end }, at) => {
    const before = intervals[at - 1];
    return start > -SAFE && end < SAFE && (before === undefined || before.end < start);
  });
}
