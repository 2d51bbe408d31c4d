import type { Terms } from "../../format/r1cs.ts";
import type { Interval } from "../graph/interval.ts";
import { rangeOf, type WireRanges } from "./wire-ranges.ts";

/** What is proven about the wires of a system, besides the constant one and the `given` ones. */
export class Facts {
  readonly #known: Uint8Array;
  readonly #boolean: Uint8Array;
  readonly #ranges: WireRanges;
  readonly #learned: (wire: number) => void;

  /** `learned` is told of every wire that becomes known. */
  constructor(
    ranges: WireRanges,
    booleans: readonly number[],
    given: readonly number[],
    learned: (wire: number) => void,
  ) {
    this.#known = new Uint8Array(ranges.length);
    this.#boolean = new Uint8Array(ranges.length);
    for (const wire of [0, ...given]) this.#known[wire] = 1;
    for (const wire of booleans) this.#boolean[wire] = 1;
    this.#ranges = ranges;
    this.#learned = learned;
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
    this.#learned(wire);
  }

  unknownOf(terms: Terms): Terms {
    return terms.filter(([wire]) => !this.isKnown(wire));
  }

  /** Interval of a sum of wires that have one; undefined if one has none or the sum could wrap. */
  rangeOf(terms: Terms): Interval | undefined {
    return rangeOf(terms, this.#ranges);
  }
}
