import type { Terms } from "../../format/r1cs.ts";
import type { Interval } from "../graph/interval.ts";
import { centered } from "./field.ts";
import type { SortedRows } from "./row-shapes.ts";

const BOOLEAN: Interval = { lo: 0n, hi: 1n };
/** Intervals are only kept while sums of them cannot wrap around. */
const SAFE = 1n << 250n;

/** What is proven about the wires of a system, besides the constant one and the `given` ones. */
export class Facts {
  readonly #known: Uint8Array;
  readonly #boolean: Uint8Array;
  /** Proven integer intervals of wires; a wire outside is a field element like any other. */
  readonly #ranges = new Map<number, Interval>();
  #learned = false;

  constructor(wireCount: number, { booleans, products }: SortedRows, given: readonly number[]) {
    this.#known = new Uint8Array(wireCount);
    this.#boolean = new Uint8Array(wireCount);
    for (const wire of [0, ...given]) this.#known[wire] = 1;
    this.#ranges.set(0, { lo: 1n, hi: 1n });
    for (const wire of booleans) {
      this.#boolean[wire] = 1;
      this.#ranges.set(wire, BOOLEAN);
    }
    for (const { a, b, c } of products)
      if (c.length === 1 && c[0]?.[1] === 1n) this.#rangeOfProduct(c[0][0], this.rangeOf(a), this.rangeOf(b));
  }

  isKnown(wire: number): boolean {
    return this.#known[wire] === 1;
  }

  isBoolean(wire: number): boolean {
    return this.#boolean[wire] === 1;
  }

  /** The wire is a function of what was known before. */
  learn(wire: number): void {
    if (this.isKnown(wire)) return;
    this.#known[wire] = 1;
    this.#learned = true;
  }

  /** Whether anything was learned since it was last asked. */
  takeLearned(): boolean {
    const learned = this.#learned;
    this.#learned = false;
    return learned;
  }

  unknownOf(terms: Terms): Terms {
    return terms.filter(([wire]) => !this.isKnown(wire));
  }

  /** Interval of a sum of wires that have one; undefined if one has none or the sum could wrap. */
  rangeOf(terms: Terms): Interval | undefined {
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

  #rangeOfProduct(wire: number, a: Interval | undefined, b: Interval | undefined): void {
    if (a === undefined || b === undefined) return;
    const ends = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi];
    const range = {
      lo: ends.reduce((least, end) => (end < least ? end : least)),
      hi: ends.reduce((most, end) => (end > most ? end : most)),
    };
    if (range.lo > -SAFE && range.hi < SAFE) this.#ranges.set(wire, range);
  }
}
