import type { Terms } from "../../format/r1cs.ts";
import { areDigits } from "./digits.ts";
import type { Facts } from "./facts.ts";
import { magnitude } from "../../format/field.ts";
import type { OneHot } from "./row-shapes.ts";

/** Which one-hot a wire is a member of. */
export type OneHots = ReadonlyMap<number, OneHot>;

/** Learns what a sum that is 0 determines. True when nothing is left to learn from the row. */
export function settleLinear(terms: Terms, facts: Facts, oneHotOf: OneHots): boolean {
  const unknown = facts.unknownOf(terms);
  const [only] = unknown;
  if (unknown.length <= 1) {
    if (only !== undefined) facts.learn(only[0]);
    return true;
  }
  return (
    settleDigits(unknown, (wire) => !oneHotOf.has(wire), facts, oneHotOf) ||
    (unknown.some(([wire]) => oneHotOf.has(wire)) && settleDigits(unknown, () => true, facts, oneHotOf))
  );
}

/**
 * Learns the booleans that may be digits and stand high enough above everything else in the row; true when that was all.
 */
function settleDigits(unknown: Terms, mayBe: (wire: number) => boolean, facts: Facts, oneHotOf: OneHots): boolean {
  const isDigit = (wire: number): boolean => facts.isBoolean(wire) && mayBe(wire);
  const others = unknown.filter(([wire]) => !isDigit(wire));
  if (others.length === unknown.length) return false;
  let digits = unknown.filter(([wire]) => isDigit(wire));
  let spread = spreadOf(others, facts, oneHotOf);
  if (spread === undefined) return false;
  if (spread > 0n) {
    const lowestFirst = digits.map(([wire, coefficient]) => ({ wire, size: magnitude(coefficient) }));
    lowestFirst.sort((one, other) => (one.size < other.size ? -1 : one.size > other.size ? 1 : 0));
    const covered = new Set<number>();
    for (const { wire, size } of lowestFirst) {
      if (size > spread) break;
      covered.add(wire);
      spread += size;
    }
    digits = digits.filter(([wire]) => !covered.has(wire));
  }
  if (!areDigits(digits, spread)) return false;
  for (const [wire] of digits) facts.learn(wire);
  return digits.length === unknown.length;
}

/**
 * How far the sum of some unknown wires can vary; undefined if one has no interval. Members of a one-hot vary together:
 * their sum is one of the coefficients, or 0.
 */
function spreadOf(terms: Terms, facts: Facts, oneHotOf: OneHots): bigint | undefined {
  let spread = 0n;
  const widest = new Map<OneHot, bigint>();
  for (const [wire, coefficient] of terms) {
    const group = oneHotOf.get(wire);
    const size = magnitude(coefficient);
    if (group !== undefined) {
      if (size > (widest.get(group) ?? 0n)) widest.set(group, size);
      continue;
    }
    const range = facts.rangeOf([[wire, 1n]]);
    if (range === undefined) return undefined;
    spread += size * (range.hi - range.lo);
  }
  // Twice, because coefficients of both signs may meet in one group.
  for (const size of widest.values()) spread += 2n * size;
  return spread;
}
