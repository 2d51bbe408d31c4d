import type { Constraint, Terms } from "../../format/r1cs.ts";
import { centered } from "../../format/field.ts";

/** Booleans whose sum is 1. */
export interface OneHot {
  readonly wires: readonly number[];
  /** Whether for each of them a product with result 0 names it alone: the winners of an argmax. */
  readonly guarded: boolean;
}

/** The rows of a system by what they say. */
export interface SortedRows {
  /** Wires w with a row w * w = w, or w * (w - 1) = 0. */
  readonly booleans: readonly number[];
  /** Sums that are 0. */
  readonly linear: readonly Terms[];
  readonly products: readonly Constraint[];
  readonly oneHots: readonly OneHot[];
}

export function sortRows(constraints: readonly Constraint[]): SortedRows {
  const booleans = new Set<number>();
  const linear: Terms[] = [];
  const products: Constraint[] = [];
  for (const row of constraints) {
    const wire = booleanWire(row);
    if (wire !== undefined) booleans.add(wire);
    else if (row.a.length === 0 || row.b.length === 0) linear.push(row.c);
    else products.push(row);
  }
  const guards = new Set<number>();
  for (const { a, b, c } of products) {
    if (c.length > 0) continue;
    for (const [only, ...others] of [a, b]) if (only !== undefined && others.length === 0) guards.add(only[0]);
  }
  const oneHots = linear.flatMap((terms): OneHot[] => {
    const wires = unitSumWires(terms);
    if (wires?.every((wire) => booleans.has(wire)) !== true) return [];
    return [{ wires, guarded: wires.every((wire) => guards.has(wire)) }];
  });
  return { booleans: [...booleans], linear, products, oneHots };
}

/** The wire of a row that says w * w = w, or w * (w - 1) = 0 in either order. */
function booleanWire({ a, b, c }: Constraint): number | undefined {
  if (a.length > 2 || b.length > 2) return undefined;
  const wire = a.findLast(([index]) => index !== 0)?.[0];
  if (wire === undefined) return undefined;
  const isWire = (terms: Terms): boolean => terms.length === 1 && terms[0]?.[0] === wire && terms[0][1] === 1n;
  const isLess = (terms: Terms): boolean =>
    terms.length === 2 && terms[0]?.[0] === 0 && centered(terms[0][1]) === -1n && isWire(terms.slice(1));
  if (isWire(a) && isWire(b) && isWire(c)) return wire;
  return c.length === 0 && ((isWire(a) && isLess(b)) || (isLess(a) && isWire(b))) ? wire : undefined;
}

/** The wires of a row w1 + ... + wn - 1 = 0, in order. */
function unitSumWires(terms: Terms): readonly number[] | undefined {
  const [constant, ...rest] = terms;
  if (constant === undefined || constant[0] !== 0 || rest.length < 2) return undefined;
  const sign = -centered(constant[1]);
  if (sign !== 1n && sign !== -1n) return undefined;
  return rest.every(([, coefficient]) => centered(coefficient) === sign) ? rest.map(([wire]) => wire) : undefined;
}
