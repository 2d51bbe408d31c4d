import type { Constraint, Terms } from "../../format/r1cs.ts";
import { areDigits } from "./digits.ts";
import type { Facts } from "./facts.ts";
import { centered } from "../../format/field.ts";

/** The rows of a system that mention a wire. */
export interface RowsOf {
  readonly linear: (wire: number) => readonly Terms[];
  readonly products: (wire: number) => readonly Constraint[];
}

/**
 * A rule that is trusted for its proof and not for its form. Wires o[0..n) are boolean with sum 1, and for each i
 * there are a linear row
 *     m - z[i] - (o[i+1] + ... + o[n-1]) - gap[i] = 0
 * and a row o[i] * gap[i] = 0, where z[i] is a sum of known wires and gap[i] one of digits with positive coefficients.
 * Let w win. Then gap[w] = 0, so m = z[w]. For i before w, gap[i] = z[w] - z[i] - 1 >= 0; for i after w,
 * gap[i] = z[w] - z[i] >= 0. These are inequalities of integers, because |z| < 2^250 and gap < p/2 together stay below
 * the field. So w is the first of the largest z: unique, and with it m and all gaps.
 *
 * Learns all of these wires, or nothing.
 */
export function settleArgmax(winners: readonly number[], rows: RowsOf, facts: Facts): boolean {
  const gapOf = findGaps(winners, rows, facts);
  const found: number[] = [];
  let largest: number | undefined;
  for (const [index, winner] of winners.entries()) {
    const gap = gapOf.get(winner);
    if (gap === undefined) return false;
    const row = rows.linear(gap[0]?.[0] ?? 0)[0];
    const wire = row === undefined ? undefined : largestOf(row, gap, winners.slice(index + 1), facts);
    if (wire === undefined || (largest !== undefined && wire !== largest)) return false;
    largest = wire;
    found.push(...gap.map(([bit]) => bit));
  }
  if (largest === undefined) return false;
  for (const wire of [...winners, largest, ...found]) facts.learn(wire);
  return true;
}

/** The gap of each winner that a row o * gap = 0 names. */
function findGaps(winners: readonly number[], rows: RowsOf, facts: Facts): Map<number, Terms> {
  const gapOf = new Map<number, Terms>();
  for (const { a, b, c } of winners.flatMap((winner) => rows.products(winner))) {
    if (c.length > 0) continue;
    for (const [factor, gap] of [
      [a, b],
      [b, a],
    ] as const) {
      const wire = factor.length === 1 ? factor[0]?.[0] : undefined;
      if (wire !== undefined && winners.includes(wire) && isOpenGap(gap, facts)) gapOf.set(wire, gap);
    }
  }
  return gapOf;
}

/** Unknown digits whose sum cannot be negative. */
function isOpenGap(terms: Terms, facts: Facts): boolean {
  return (
    terms.length > 0 &&
    terms.every(([wire, factor]) => facts.isBoolean(wire) && !facts.isKnown(wire) && centered(factor) > 0n) &&
    areDigits(terms) &&
    terms.some(([, coefficient]) => coefficient === 1n)
  );
}

/** The free wire m of a row m - z - later winners - gap = 0, if it is such a row. */
function largestOf(terms: Terms, gap: Terms, later: readonly number[], facts: Facts): number | undefined {
  const bits = new Map(gap.map(([wire, coefficient]) => [wire, centered(coefficient)]));
  const isOther = (wire: number): boolean => !bits.has(wire) && !later.includes(wire);
  const rest = terms.filter(([wire]) => !facts.isKnown(wire) && isOther(wire));
  const [largest] = rest;
  if (rest.length !== 1 || largest === undefined || facts.isBoolean(largest[0])) return undefined;
  const sign = centered(largest[1]);
  if (sign !== 1n && sign !== -1n) return undefined;
  let [bitsSeen, laterSeen] = [0, 0];
  for (const [wire, coefficient] of terms) {
    const weight = centered(coefficient) * sign;
    const bit = bits.get(wire);
    if (bit !== undefined) {
      if (weight !== -bit) return undefined;
      bitsSeen++;
    } else if (later.includes(wire)) {
      if (weight !== -1n) return undefined;
      laterSeen++;
    }
  }
  const value = facts.rangeOf(terms.filter(([wire]) => facts.isKnown(wire) && isOther(wire)));
  return value !== undefined && bitsSeen === gap.length && laterSeen === later.length ? largest[0] : undefined;
}
