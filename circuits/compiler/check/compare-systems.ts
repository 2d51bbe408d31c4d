import { FIELD_ORDER } from "../../format/interface-words.ts";
import type { Constraint, ConstraintSystem, Terms } from "../../format/r1cs.ts";
import { invert } from "../../format/field.ts";

const SHOWN = 20;

/**
 * Compares two systems row by row, whatever their order, numbering of wires, scaling of rows and order of A and B.
 * `wireMap` gives for each of our wires theirs (that of wire 0 is not looked at). Returns the differences in words, the
 * first twenty; none means that both admit the same witnesses.
 */
export function compareSystems(ours: ConstraintSystem, theirs: ConstraintSystem, wireMap: readonly number[]): string[] {
  const counterparts = pairWires(ours, theirs, wireMap);
  const differences = counterparts.problems;
  if (differences.length > 0) return differences.slice(0, SHOWN);

  const counts = new Map<string, number>();
  const count = (key: string, by: number): void => void counts.set(key, (counts.get(key) ?? 0) + by);
  const rename = (terms: Terms): Terms =>
    terms
      .map(([wire, coefficient]) => [counterparts.back.get(wire) ?? -1, coefficient] as const)
      .sort(([left], [right]) => left - right);
  for (const row of ours.constraints) count(normalize(row), 1);
  for (const { a, b, c } of theirs.constraints) count(normalize({ a: rename(a), b: rename(b), c: rename(c) }), -1);
  for (const [key, difference] of counts)
    if (difference !== 0)
      differences.push(`${Math.abs(difference)} more ${difference > 0 ? "here" : "there"}: ${key.slice(0, 200)}`);
  return differences.slice(0, SHOWN);
}

interface Counterparts {
  /** For each of their wires, ours. */
  readonly back: ReadonlyMap<number, number>;
  readonly problems: string[];
}

function pairWires(ours: ConstraintSystem, theirs: ConstraintSystem, wireMap: readonly number[]): Counterparts {
  const problems: string[] = [];
  if (ours.wireCount !== theirs.wireCount) problems.push(`${ours.wireCount} wires here, ${theirs.wireCount} there`);
  if (ours.publicCount !== theirs.publicCount)
    problems.push(`${ours.publicCount} public signals here, ${theirs.publicCount} there`);
  const back = new Map<number, number>([[0, 0]]);
  for (let wire = 1; wire < ours.wireCount; wire++) {
    const target = wireMap[wire] ?? -1;
    if (target <= 0 || target >= theirs.wireCount || back.has(target))
      problems.push(`wire ${wire} has no counterpart of its own (${target})`);
    else back.set(target, wire);
    if (wire <= ours.publicCount && target !== wire) problems.push(`public signal ${wire} is number ${target} there`);
  }
  return { back, problems };
}

/** First coefficients of A and B become 1 (of C, if the row is linear), the smaller text of A and B comes first. */
function normalize({ a, b, c }: Constraint): string {
  if (a.length === 0 || b.length === 0) return ` * = ${format(c, scaleOf(c))}`;
  const [left, right] = [scaleOf(a), scaleOf(b)];
  const factors = [format(a, left), format(b, right)].sort();
  return `${factors.join(" * ")} = ${format(c, (left * right) % FIELD_ORDER)}`;
}

function scaleOf(terms: Terms): bigint {
  return invert(terms[0]?.[1] ?? 1n);
}

function format(terms: Terms, scale: bigint): string {
  return terms.map(([wire, coefficient]) => `${(coefficient * scale) % FIELD_ORDER}w${wire}`).join("+");
}
