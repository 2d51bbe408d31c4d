import type { Constraint, ConstraintSystem, Terms } from "../../format/r1cs.ts";
import { settleArgmax } from "./argmax-rule.ts";
import { areDigits } from "./digits.ts";
import { Facts } from "./facts.ts";
import { magnitude } from "./field.ts";
import { sortRows } from "./row-shapes.ts";

/**
 * Wires, ascending, that the given ones do not determine: a prover could choose them. Given are the public wires unless
 * told; then empty means that every public statement has at most one witness. That leaves out what ties the output to
 * the input, both being public: for it, give the wires of `givenWires`, and empty means that the output is a function
 * of the input. Reads nothing but the rows (after Ecne): facts spread from row to row until nothing new follows.
 *
 * - A row w * w = w, or w * (w - 1) = 0, makes w 0 or 1.
 * - A linear row whose unknown wires are 0 or 1, each coefficient larger than all smaller ones together and all of them
 *   together far below the field, has one solution: they are digits. So has a linear row with one unknown wire.
 * - A row whose A and B are known determines a single unknown wire in C.
 * - An argmax (see `settleArgmax`) determines its wires together.
 *
 * It can only err on the safe side: a wire that it names may be determined by a rule that it lacks.
 */
export function findUndetermined(system: ConstraintSystem, given: readonly number[] = publicWires(system)): number[] {
  const rows = sortRows(system.constraints);
  const facts = new Facts(system.wireCount, rows, given);
  const oneHotOf = new Map(rows.oneHots.flatMap((winners) => winners.map((wire) => [wire, winners] as const)));
  let { linear, products } = rows;
  let learned: boolean;
  do {
    linear = linear.filter((row) => !settleLinear(row, facts, oneHotOf));
    products = products.filter((row) => !settleProduct(row, facts));
    learned = facts.takeLearned();
    if (!learned) {
      for (const winners of rows.oneHots) settleArgmax(winners, linear, products, facts);
      learned = facts.takeLearned();
    }
  } while (learned);
  return Array.from({ length: system.wireCount }, (_, wire) => wire).filter((wire) => !facts.isKnown(wire));
}

function publicWires({ publicCount }: ConstraintSystem): number[] {
  return Array.from({ length: publicCount }, (_, index) => index + 1);
}

type OneHots = ReadonlyMap<number, readonly number[]>;

/** True when nothing is left to learn from the row. */
function settleLinear(terms: Terms, facts: Facts, oneHotOf: OneHots): boolean {
  const unknown = facts.unknownOf(terms);
  const [only] = unknown;
  if (unknown.length <= 1) {
    if (only !== undefined) facts.learn(only[0]);
    return true;
  }
  const isDigit = (wire: number): boolean => facts.isBoolean(wire) && !oneHotOf.has(wire);
  const digits = unknown.filter(([wire]) => isDigit(wire));
  const rest = spreadOf(
    unknown.filter(([wire]) => !isDigit(wire)),
    facts,
    oneHotOf,
  );
  if (rest === undefined || !areDigits(digits, rest)) return false;
  for (const [wire] of digits) facts.learn(wire);
  return digits.length === unknown.length;
}

/**
 * How far the sum of some unknown wires can vary; undefined if one has no interval. Members of a one-hot vary together:
 * their sum is one of the coefficients, or 0.
 */
function spreadOf(terms: Terms, facts: Facts, oneHotOf: OneHots): bigint | undefined {
  let spread = 0n;
  const widest = new Map<readonly number[], bigint>();
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

function settleProduct({ a, b, c }: Constraint, facts: Facts): boolean {
  if ([...a, ...b].some(([wire]) => !facts.isKnown(wire))) return false;
  const unknown = facts.unknownOf(c);
  if (unknown.length > 1) return false;
  const [only] = unknown;
  if (only !== undefined) facts.learn(only[0]);
  return true;
}
