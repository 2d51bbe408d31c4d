import { FIELD_ORDER } from "./interface-words.ts";

/** The representative in [0, p). */
export function toField(value: bigint): bigint {
  const rest = value % FIELD_ORDER;
  return rest < 0n ? rest + FIELD_ORDER : rest;
}

/** Multiplicative inverse modulo the field order, by the extended Euclidean algorithm. Throws on 0. */
export function invert(value: bigint): bigint {
  let [rest, next] = [FIELD_ORDER, value % FIELD_ORDER];
  let [before, current] = [0n, 1n];
  while (next !== 0n) {
    const quotient = rest / next;
    [rest, next] = [next, rest - quotient * next];
    [before, current] = [current, before - quotient * current];
  }
  if (rest !== 1n) throw new RangeError(`${value} has no inverse`);
  return before < 0n ? before + FIELD_ORDER : before;
}

const HALF = FIELD_ORDER / 2n;

/** The representative in (-p/2, p/2) of a value in [0, p). */
export function centered(coefficient: bigint): bigint {
  return coefficient > HALF ? coefficient - FIELD_ORDER : coefficient;
}

export function magnitude(coefficient: bigint): bigint {
  const value = centered(coefficient);
  return value < 0n ? -value : value;
}
