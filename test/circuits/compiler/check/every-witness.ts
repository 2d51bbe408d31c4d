import { centered, invert, magnitude } from "../../../../circuits/format/field.ts";
import { sortRows } from "../../../../circuits/compiler/check/row-shapes.ts";
import { FIELD_ORDER } from "../../../../circuits/format/interface-words.ts";
import type { Constraint, ConstraintSystem, Terms } from "../../../../circuits/format/r1cs.ts";

const mod = (value: bigint): bigint => ((value % FIELD_ORDER) + FIELD_ORDER) % FIELD_ORDER;

/**
 * All witnesses of a small system in which some wires have given values, up to `most` of them; "open" if a wire that no
 * row makes 0 or 1 is left to choose, or if the search takes too many steps. Every way to choose the booleans is tried: no
 * rule, no hint and no interval of the compiler is believed.
 */
export function everyWitness(
  system: ConstraintSystem,
  given: ReadonlyMap<number, bigint>,
  most = 2,
  steps = 60_000,
): bigint[][] | "open" {
  const { wireCount, constraints } = system;
  const { booleans, linear } = sortRows(constraints);
  const isBoolean = new Set(booleans);
  const rowsOf = Array.from({ length: wireCount }, (): number[] => []);
  constraints.forEach(({ a, b, c }, row) => {
    for (const wire of new Set([...a, ...b, ...c].map(([at]) => at))) rowsOf[wire]?.push(row);
  });
  const values = new Array<bigint | undefined>(wireCount).fill(undefined);
  const set: number[] = [];
  const found: bigint[][] = [];
  let [left, isOpen] = [steps, false];

  /** Sets wires and what follows from rows with one unknown wire; false if a row cannot hold. */
  const assign = (first: readonly (readonly [number, bigint])[]): boolean => {
    const waiting = [...first];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [wire, value] = next;
      if (values[wire] !== undefined) {
        if (values[wire] !== value) return false;
        continue;
      }
      values[wire] = value;
      set.push(wire);
      for (const row of rowsOf[wire] ?? []) {
        const follows = consequence(constraints[row], values);
        if (follows === "broken") return false;
        if (follows !== undefined) waiting.push(follows);
      }
    }
    return true;
  };
  const undo = (to: number): void => {
    for (const wire of set.splice(to)) values[wire] = undefined;
  };
  const search = (): void => {
    if (isOpen || found.length >= most || left-- <= 0) return;
    const wire = nextChoice(linear, values, isBoolean);
    if (wire === "broken") return;
    if (wire === undefined) {
      const complete = values.flatMap((value) => value ?? []);
      if (complete.length < wireCount) isOpen = true;
      else found.push(complete);
      return;
    }
    for (const bit of [0n, 1n]) {
      const before = set.length;
      if (assign([[wire, bit]])) search();
      undo(before);
    }
  };
  if (assign([[0, 1n], ...given])) search();
  return found.length < most && (isOpen || left <= 0) ? "open" : found;
}

/**
 * The boolean to try next: the heaviest of the linear row that has the fewest left; undefined if none is left. "broken" if
 * some row cannot become 0 any more, whatever its booleans are.
 */
function nextChoice(
  linear: readonly Terms[],
  values: readonly (bigint | undefined)[],
  isBoolean: ReadonlySet<number>,
): number | "broken" | undefined {
  let best: { readonly wire: number; readonly count: number } | undefined;
  for (const terms of linear) {
    const { missing, low, high, wire, count } = unknownPart(terms, values, isBoolean);
    if (wire === undefined || count === Infinity) continue;
    // The booleans must add up to what is missing, or to that less the field's order.
    if (high < FIELD_ORDER && low > -FIELD_ORDER && missing > high && missing - FIELD_ORDER < low) return "broken";
    if (best === undefined || count < best.count) best = { wire, count };
  }
  return best?.wire ?? [...isBoolean].find((at) => values[at] === undefined);
}

/** The heaviest unknown wire of a row, how many there are (Infinity if not all are booleans), and what they can add up to. */
function unknownPart(terms: Terms, values: readonly (bigint | undefined)[], isBoolean: ReadonlySet<number>) {
  let [known, low, high, heaviest, count] = [0n, 0n, 0n, 0n, 0];
  let wire: number | undefined;
  for (const [at, factor] of terms) {
    const value = values[at];
    if (value !== undefined) {
      known += factor * value;
      continue;
    }
    const weight = centered(factor);
    [low, high] = weight < 0n ? [low + weight, high] : [low, high + weight];
    count += isBoolean.has(at) ? 1 : Infinity;
    if (magnitude(factor) >= heaviest) [heaviest, wire] = [magnitude(factor), at];
  }
  return { missing: mod(-known), low, high, wire, count };
}

/** What the only unknown wire of a row must be; undefined if there are several, or if the row leaves it two values. */
function consequence(
  row: Constraint | undefined,
  values: readonly (bigint | undefined)[],
): readonly [number, bigint] | "broken" | undefined {
  if (row === undefined) return undefined;
  let only: number | undefined;
  const others: number[] = [];
  const split = (terms: Terms): readonly [bigint, bigint] => {
    let [known, factor] = [0n, 0n];
    for (const [wire, coefficient] of terms) {
      const value = values[wire];
      if (value !== undefined) known += coefficient * value;
      else if (only === undefined || only === wire) [only, factor] = [wire, factor + coefficient];
      else others.push(wire);
    }
    return [mod(known), mod(factor)];
  };
  const [[a0, a1], [b0, b1], [c0, c1]] = [split(row.a), split(row.b), split(row.c)];
  if (others.length > 0) return undefined;
  const constant = mod(c0 - a0 * b0);
  if (only === undefined) return constant === 0n ? undefined : "broken";
  if (a1 !== 0n && b1 !== 0n) return undefined;
  const factor = mod(a0 * b1 + a1 * b0 - c1);
  if (factor === 0n) return constant === 0n ? undefined : "broken";
  return [only, mod(constant * invert(factor))];
}
