import type { Constraint, Terms } from "../../format/r1cs.ts";
import { areDigits } from "./digits.ts";
import type { Facts } from "./facts.ts";
import { centered } from "../../format/field.ts";
import { SAFE } from "./wire-ranges.ts";

/** The digits of a quotient's three parts. */
interface Division {
  readonly quotient: Terms;
  readonly remainder: Terms;
  readonly gap: Terms;
}

/**
 * A rule that is trusted for its proof and not for its form. There are a product and a linear row
 *     q * b = a - r
 *     b - 1 - r - g = 0
 * where a and b are sums of known wires, q is a sum of digits plus something known, and r and g are sums of digits with
 * positive coefficients. All of these are integers whose sizes, and the product's, stay below 2^250, so that no row can
 * hold only modulo the field's order. As r and g are not negative, 0 <= r < b, so that b is at least 1. Of q b + r = q' b
 * + r' then follows |q - q'| b = |r - r'| < b: q = q' and r = r', and with them g; and digits are those of one number.
 *
 * Learns all of these digits, or nothing. `rowsWith` gives the linear rows that mention a wire.
 */
export function settleQuotient(row: Constraint, rowsWith: (wire: number) => readonly Terms[], facts: Facts): boolean {
  for (const [left, divisor] of [
    [row.a, row.b],
    [row.b, row.a],
  ] as const) {
    const quotient = facts.unknownOf(left);
    const remainder = facts.unknownOf(row.c);
    const [bit] = remainder;
    if (facts.unknownOf(divisor).length > 0 || bit === undefined) continue;
    if (!isDigits(quotient, facts) || !isNatural(remainder, -1n, facts) || !isSmall([left, divisor, row.c], facts))
      continue;
    for (const bound of rowsWith(bit[0])) {
      const gap = readGap(bound, divisor, remainder, facts);
      if (gap === undefined) continue;
      learnAll({ quotient, remainder, gap }, facts);
      return true;
    }
  }
  return false;
}

/** The digits of g in a row b - 1 - r - g = 0, of either sign; undefined if it is not one. */
function readGap(row: Terms, divisor: Terms, remainder: Terms, facts: Facts): Terms | undefined {
  const unknown = facts.unknownOf(row);
  const isRemainder = new Set(remainder.map(([wire]) => wire));
  const gap = unknown.filter(([wire]) => !isRemainder.has(wire));
  const known = row.filter(([wire]) => facts.isKnown(wire));
  for (const sign of [1n, -1n]) {
    const weights = new Map(divisor.map(([wire, coefficient]) => [wire, sign * centered(coefficient)]));
    weights.set(0, (weights.get(0) ?? 0n) - sign);
    for (const [wire, coefficient] of remainder) weights.set(wire, sign * centered(coefficient));
    for (const [wire, coefficient] of [...known, ...unknown]) {
      if (gap.some(([digit]) => digit === wire)) continue;
      weights.set(wire, (weights.get(wire) ?? 0n) - centered(coefficient));
    }
    if ([...weights.values()].some((weight) => weight !== 0n)) continue;
    if (isNatural(gap, -sign, facts) && isSmall([row], facts)) return gap;
  }
  return undefined;
}

/** Booleans that are determined by their sum. */
function isDigits(terms: Terms, facts: Facts): boolean {
  return terms.every(([wire]) => facts.isBoolean(wire)) && (terms.length === 0 || areDigits(terms));
}

/** Digits whose coefficients all have that sign. */
function isNatural(terms: Terms, sign: bigint, facts: Facts): boolean {
  return isDigits(terms, facts) && terms.every(([, coefficient]) => sign * centered(coefficient) > 0n);
}

/** The last of three is what the first two are multiplied to. */
function isSmall(sums: readonly Terms[], facts: Facts): boolean {
  let product = 1n;
  for (const [at, terms] of sums.entries()) {
    const range = facts.rangeOf(terms);
    if (range === undefined) return false;
    if (at < 2) product *= range.hi > -range.lo ? range.hi : -range.lo;
  }
  return product < SAFE;
}

function learnAll({ quotient, remainder, gap }: Division, facts: Facts): void {
  for (const terms of [quotient, remainder, gap]) for (const [wire] of terms) facts.learn(wire);
}
