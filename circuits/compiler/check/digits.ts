import { FIELD_ORDER } from "../../format/interface-words.ts";
import type { Terms } from "../../format/r1cs.ts";
import { invert, magnitude } from "../../format/field.ts";

/** No sum of more binary digits than this stays below the field. */
const FIELD_BITS = 253;

/**
 * Whether a sum of booleans with these coefficients, plus something that varies by at most `spread`, determines the
 * booleans: each coefficient is larger than all smaller ones and the spread together, and all of them together are far
 * below the field. Without a spread, coefficients are also compared after division by one of them, so that a row's
 * scale does not matter.
 */
export function areDigits(terms: Terms, spread = 0n): boolean {
  if (terms.length > FIELD_BITS) return false;
  const direct = terms.map(([, coefficient]) => magnitude(coefficient));
  if (isSuperIncreasing(direct, spread)) return true;
  if (spread > 0n || direct.includes(1n)) return false;
  return terms.some(([, coefficient]) => {
    const scale = invert(coefficient);
    return isSuperIncreasing(
      terms.map(([, other]) => magnitude((other * scale) % FIELD_ORDER)),
      0n,
    );
  });
}

function isSuperIncreasing(sizes: readonly bigint[], spread: bigint): boolean {
  let sum = spread;
  for (const size of [...sizes].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0))) {
    if (size <= sum) return false;
    sum += size;
  }
  return 2n * sum < FIELD_ORDER;
}
