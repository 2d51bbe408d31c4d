import { FIELD_ORDER } from "../../format/interface-words.ts";
import type { Constraint, ConstraintSystem, Terms } from "../../format/r1cs.ts";
import type { Interval } from "../graph/interval.ts";
import { invert } from "./field.ts";

/**
 * Wires, ascending, that the public wires do not determine: a prover could choose them. Empty means that every public statement has
 * at most one witness. Reads nothing but the rows (after Ecne): facts spread from row to row until nothing new follows.
 *
 * - A row w * w = w, or w * (w - 1) = 0, makes w 0 or 1.
 * - A linear row whose unknown wires are 0 or 1, each coefficient larger than all smaller ones together and all of them together far
 *   below the field, has one solution: they are digits. So has a linear row with one unknown wire.
 * - A row whose A and B are known determines a single unknown wire in C.
 * - An argmax (see `settleArgmax`) determines its wires together.
 *
 * It can only err on the safe side: a wire that it names may be determined by a rule that it lacks.
 */
export function findUndetermined(system: ConstraintSystem): number[] {
  return new Propagation(system).run();
}

/** What a row says, by shape. */
interface LinearRow {
  readonly terms: Terms;
}

/** No sum of more binary digits than this stays below the field. */
const FIELD_BITS = 253;
const BOOLEAN: Interval = { lo: 0n, hi: 1n };
/** Intervals are only kept while sums of them cannot wrap around. */
const SAFE = 1n << 250n;

class Propagation {
  readonly #system: ConstraintSystem;
  readonly #known: Uint8Array;
  readonly #boolean: Uint8Array;
  /** Proven integer intervals of wires; a wire outside is a field element like any other. */
  readonly #ranges = new Map<number, Interval>();
  readonly #linear: LinearRow[] = [];
  readonly #products: Constraint[] = [];
  /** Booleans with sum 1. */
  readonly #oneHots: (readonly number[])[] = [];
  readonly #oneHotOf = new Map<number, readonly number[]>();
  #learned = false;

  constructor(system: ConstraintSystem) {
    this.#system = system;
    this.#known = new Uint8Array(system.wireCount);
    this.#boolean = new Uint8Array(system.wireCount);
    this.#known.fill(1, 0, system.publicCount + 1);
    this.#ranges.set(0, { lo: 1n, hi: 1n });
    for (const row of system.constraints) {
      const wire = booleanWire(row);
      if (wire !== undefined) {
        this.#boolean[wire] = 1;
        this.#ranges.set(wire, BOOLEAN);
      } else if (row.a.length === 0 || row.b.length === 0) {
        this.#linear.push({ terms: row.c });
      } else this.#products.push(row);
    }
    for (const { terms } of this.#linear) {
      const winners = oneHotWires(terms);
      if (winners === undefined || winners.some((wire) => this.#boolean[wire] !== 1)) continue;
      this.#oneHots.push(winners);
      for (const wire of winners) this.#oneHotOf.set(wire, winners);
    }
    for (const { a, b, c } of this.#products)
      if (c.length === 1 && c[0]?.[1] === 1n) this.#rangeOfProduct(c[0][0], this.#rangeOf(a), this.#rangeOf(b));
  }

  run(): number[] {
    let linear = this.#linear;
    let products = this.#products;
    do {
      this.#learned = false;
      linear = linear.filter((row) => !this.#settleLinear(row));
      products = products.filter((row) => !this.#settleProduct(row));
      if (!this.#learned) for (const winners of this.#oneHots) this.#settleArgmax(winners, linear, products);
    } while (this.#learned);
    const wires: number[] = [];
    for (let wire = 0; wire < this.#system.wireCount; wire++) if (this.#known[wire] !== 1) wires.push(wire);
    return wires;
  }

  #learn(wire: number): void {
    if (this.#known[wire] === 1) return;
    this.#known[wire] = 1;
    this.#learned = true;
  }

  /** True when nothing is left to learn from the row. */
  #settleLinear({ terms }: LinearRow): boolean {
    const unknown = terms.filter(([wire]) => this.#known[wire] !== 1);
    const [only] = unknown;
    if (unknown.length <= 1) {
      if (only !== undefined) this.#learn(only[0]);
      return true;
    }
    const isDigit = (wire: number): boolean => this.#boolean[wire] === 1 && !this.#oneHotOf.has(wire);
    const digits = unknown.filter(([wire]) => isDigit(wire));
    const rest = this.#spreadOf(unknown.filter(([wire]) => !isDigit(wire)));
    if (rest === undefined || !areDigits(digits, rest)) return false;
    for (const [wire] of digits) this.#learn(wire);
    return digits.length === unknown.length;
  }

  /**
   * How far the sum of some unknown wires can vary; undefined if one has no interval. Members of a one-hot vary
   * together: their sum is one of the coefficients, or 0.
   */
  #spreadOf(terms: Terms): bigint | undefined {
    let spread = 0n;
    const widest = new Map<readonly number[], bigint>();
    for (const [wire, coefficient] of terms) {
      const group = this.#oneHotOf.get(wire);
      const range = this.#ranges.get(wire);
      const size = magnitude(coefficient);
      if (group !== undefined) {
        if (size > (widest.get(group) ?? 0n)) widest.set(group, size);
      } else if (range === undefined) return undefined;
      else spread += size * (range.hi - range.lo);
    }
    // Twice, because coefficients of both signs may meet in one group.
    for (const size of widest.values()) spread += 2n * size;
    return spread;
  }

  #settleProduct({ a, b, c }: Constraint): boolean {
    const open = [...a, ...b].some(([wire]) => this.#known[wire] !== 1);
    const unknown = c.filter(([wire]) => this.#known[wire] !== 1);
    if (open || unknown.length > 1) return false;
    const [only] = unknown;
    if (only !== undefined) this.#learn(only[0]);
    return true;
  }

  #rangeOfProduct(wire: number, a: Interval | undefined, b: Interval | undefined): void {
    if (a === undefined || b === undefined) return;
    const ends = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi];
    const range = {
      lo: ends.reduce((least, end) => (end < least ? end : least)),
      hi: ends.reduce((most, end) => (end > most ? end : most)),
    };
    if (range.lo > -SAFE && range.hi < SAFE) this.#ranges.set(wire, range);
  }

  /** Interval of a sum of wires that have one; undefined if one has none or the sum could wrap. */
  #rangeOf(terms: Terms): Interval | undefined {
    let [lo, hi] = [0n, 0n];
    for (const [wire, coefficient] of terms) {
      const range = this.#ranges.get(wire);
      if (range === undefined) return undefined;
      const weight = centered(coefficient);
      lo += weight * (weight > 0n ? range.lo : range.hi);
      hi += weight * (weight > 0n ? range.hi : range.lo);
    }
    return lo > -SAFE && hi < SAFE ? { lo, hi } : undefined;
  }

  /**
   * The trusted rule. Wires o[0..n) are boolean with sum 1, and for each i there are a linear row
   *     m - z[i] - (o[i+1] + ... + o[n-1]) - gap[i] = 0
   * and a row o[i] * gap[i] = 0, where z[i] is a sum of known wires and gap[i] of digits. Let w win. Then gap[w] = 0, so m = z[w]. For i
   * before w, gap[i] = z[w] - z[i] - 1 >= 0; for i after w, gap[i] = z[w] - z[i] >= 0. These are inequalities of integers, because all
   * of these intervals together stay below the field. So w is the first of the largest z: unique, and with it m and all gaps.
   */
  #settleArgmax(winners: readonly number[], linear: readonly LinearRow[], products: readonly Constraint[]): void {
    const gapOf = new Map<number, Terms>();
    for (const { a, b, c } of products) {
      if (c.length > 0) continue;
      const [winner, gap] = a.length === 1 && winners.includes(a[0]?.[0] ?? -1) ? [a, b] : [b, a];
      const wire = winner.length === 1 ? winner[0]?.[0] : undefined;
      if (wire !== undefined && winners.includes(wire) && this.#areOpenDigits(gap)) gapOf.set(wire, gap);
    }
    const found: number[] = [];
    let largest: number | undefined;
    for (const [index, winner] of winners.entries()) {
      const gap = gapOf.get(winner);
      if (gap === undefined) return;
      const row = linear.find(({ terms }) => terms.some(([wire]) => wire === gap[0]?.[0]));
      const wire = row === undefined ? undefined : this.#largestOf(row.terms, gap, winners.slice(index + 1));
      if (wire === undefined || (largest !== undefined && wire !== largest)) return;
      largest = wire;
      found.push(...gap.map(([bit]) => bit));
    }
    if (largest === undefined) return;
    for (const wire of [...winners, largest, ...found]) this.#learn(wire);
  }

  #areOpenDigits(terms: Terms): boolean {
    return (
      terms.length > 0 &&
      terms.every(([wire]) => this.#boolean[wire] === 1 && this.#known[wire] !== 1) &&
      areDigits(terms) &&
      terms.some(([, coefficient]) => centered(coefficient) === 1n)
    );
  }

  /** The free wire m of a row m - z - later winners - gap = 0, if it is such a row. */
  #largestOf(terms: Terms, gap: Terms, later: readonly number[]): number | undefined {
    const bits = new Map(gap.map(([wire, coefficient]) => [wire, centered(coefficient)]));
    const isOther = (wire: number): boolean => !bits.has(wire) && !later.includes(wire);
    const rest = terms.filter(([wire]) => this.#known[wire] !== 1 && isOther(wire));
    const [largest] = rest;
    if (rest.length !== 1 || largest === undefined || this.#boolean[largest[0]] === 1) return undefined;
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
    const value = this.#rangeOf(terms.filter(([wire]) => this.#known[wire] === 1 && isOther(wire)));
    return value !== undefined && bitsSeen === gap.length && laterSeen === later.length && gap.length < 250
      ? largest[0]
      : undefined;
  }
}

/** The wire of a row that says w * w = w, or w * (w - 1) = 0 in either order. */
function booleanWire({ a, b, c }: Constraint): number | undefined {
  const wire = a.findLast(([index]) => index !== 0)?.[0];
  if (wire === undefined) return undefined;
  const isWire = (terms: Terms): boolean => terms.length === 1 && terms[0]?.[0] === wire && terms[0][1] === 1n;
  const isLess = (terms: Terms): boolean =>
    terms.length === 2 && terms[0]?.[0] === 0 && centered(terms[0][1]) === -1n && isWire(terms.slice(1));
  if (isWire(a) && isWire(b) && isWire(c)) return wire;
  return c.length === 0 && ((isWire(a) && isLess(b)) || (isLess(a) && isWire(b))) ? wire : undefined;
}

/** The wires of a row w1 + ... + wn - 1 = 0, in order. */
function oneHotWires(terms: Terms): readonly number[] | undefined {
  const [constant, ...rest] = terms;
  if (constant === undefined || constant[0] !== 0 || rest.length < 2) return undefined;
  const sign = -centered(constant[1]);
  if (sign !== 1n && sign !== -1n) return undefined;
  return rest.every(([, coefficient]) => centered(coefficient) === sign) ? rest.map(([wire]) => wire) : undefined;
}

/**
 * Whether a sum of booleans with these coefficients, plus something that varies by at most `spread`, determines the
 * booleans: each coefficient is larger than all smaller ones and the spread together, and all of them together are far
 * below the field. Without a spread, coefficients are also compared after division by one of them, so that a row's
 * scale does not matter.
 */
function areDigits(terms: Terms, spread = 0n): boolean {
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

function magnitude(coefficient: bigint): bigint {
  const value = centered(coefficient);
  return value < 0n ? -value : value;
}

/** The representative in (-p/2, p/2). */
function centered(coefficient: bigint): bigint {
  return coefficient > FIELD_ORDER / 2n ? coefficient - FIELD_ORDER : coefficient;
}
