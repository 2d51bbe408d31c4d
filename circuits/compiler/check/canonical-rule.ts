import { FIELD_ORDER } from "../../format/interface-words.ts";
import type { Terms } from "../../format/r1cs.ts";
import type { Facts } from "./facts.ts";
import { centered, invert } from "../../format/field.ts";

/** Bits of the field order. */
const ELEMENT_BITS = 254;

/**
 * All bits of a field element are too many to be digits (see `areDigits`): the element plus the field's order may fit
 * them as well. A second row settles it. Let the unknown wires of `terms` be booleans b[0..254) with coefficients
 * s * 2^k, and let a row say, with booleans g and coefficients c > 0,
 *     sum of 2^(k - m) b[k] over k >= m, plus sum of c g, minus T = 0        0 <= T < floor(p / 2^m)
 * where all coefficients together stay below the field, so that this is an equation of integers. Then the sum of
 * 2^k b[k] is below 2^m (T + 1) <= p. What is known fixes that sum modulo p, so there is one, and it has one set of bits.
 *
 * Learns b, or nothing: g are digits of the second row then. `rowsWith` gives the linear rows that mention a wire.
 */
export function settleCanonical(terms: Terms, rowsWith: (wire: number) => readonly Terms[], facts: Facts): boolean {
  const bits = elementBits(terms, facts);
  const highest = bits?.at(-1);
  if (bits === undefined || highest === undefined) return false;
  if (!rowsWith(highest).some((row) => row !== terms && isBelowOrder(row, bits, facts))) return false;
  for (const wire of bits) facts.learn(wire);
  return true;
}

/** The unknown wires of a row from lowest to highest, if they are the bits of an element. */
function elementBits(terms: Terms, facts: Facts): readonly number[] | undefined {
  const unknown = facts.unknownOf(terms);
  if (unknown.length !== ELEMENT_BITS || !unknown.every(([wire]) => facts.isBoolean(wire))) return undefined;
  const wireOf = new Map(unknown.map(([wire, coefficient]) => [coefficient, wire]));
  for (const [, lowest] of unknown) {
    const bits = powersOf(lowest).flatMap((coefficient) => wireOf.get(coefficient) ?? []);
    if (bits.length === ELEMENT_BITS) return bits;
  }
  return undefined;
}

/** The coefficient times 2^0 to 2^253. */
function powersOf(lowest: bigint): bigint[] {
  const powers: bigint[] = [];
  for (let power = lowest; powers.length < ELEMENT_BITS; power = (2n * power) % FIELD_ORDER) powers.push(power);
  return powers;
}

function isBelowOrder(row: Terms, bits: readonly number[], facts: Facts): boolean {
  const exponentOf = new Map(bits.map((wire, exponent) => [wire, exponent]));
  const compared = row.flatMap(([wire]) => exponentOf.get(wire) ?? []);
  const lowest = Math.min(...compared);
  if (compared.length !== bits.length - lowest) return false;
  const unit = row.find(([wire]) => wire === bits[lowest])?.[1];
  if (unit === undefined) return false;
  const scale = invert(unit);
  let [total, largest] = [0n, 0n];
  for (const [wire, coefficient] of row) {
    const weight = centered((coefficient * scale) % FIELD_ORDER);
    const exponent = exponentOf.get(wire);
    if (wire === 0) {
      largest = -weight;
      continue;
    }
    const isPart =
      exponent === undefined ? facts.isBoolean(wire) && weight > 0n : weight === 1n << BigInt(exponent - lowest);
    if (!isPart) return false;
    total += weight;
  }
  return largest >= 0n && largest < FIELD_ORDER >> BigInt(lowest) && total + largest < FIELD_ORDER;
}
