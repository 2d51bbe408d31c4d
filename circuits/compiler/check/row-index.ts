import type { Terms } from "../../format/r1cs.ts";
import type { SortedRows } from "./row-shapes.ts";

/**
 * Which rows mention a wire: linear rows are numbered first, then products. Counts, for some property of wires, how many
 * wires of each row still lack it, so that a fact that spreads touches only the rows that it concerns.
 */
export class RowIndex {
  readonly linearCount: number;
  readonly rowCount: number;
  readonly #start: Int32Array;
  readonly #rows: Int32Array;

  constructor(wireCount: number, { linear, products }: SortedRows) {
    this.linearCount = linear.length;
    this.rowCount = linear.length + products.length;
    const sides: (readonly Terms[])[] = [
      ...linear.map((terms) => [terms]),
      ...products.map(({ a, b, c }) => [a, b, c]),
    ];
    const seen = new Int32Array(wireCount).fill(-1);
    const start = new Int32Array(wireCount + 1);
    const forEachMention = (visit: (wire: number, row: number) => void): void => {
      seen.fill(-1);
      sides.forEach((terms, row) => {
        for (const side of terms)
          for (const [wire] of side) {
            if (seen[wire] === row) continue;
            seen[wire] = row;
            visit(wire, row);
          }
      });
    };
    forEachMention((wire) => (start[wire + 1] = (start[wire + 1] ?? 0) + 1));
    for (let wire = 0; wire < wireCount; wire++) start[wire + 1] = (start[wire + 1] ?? 0) + (start[wire] ?? 0);
    const next = start.slice();
    this.#start = start;
    this.#rows = new Int32Array(start[wireCount] ?? 0);
    forEachMention((wire, row) => {
      const at = next[wire] ?? 0;
      this.#rows[at] = row;
      next[wire] = at + 1;
    });
  }

  /** Each row that mentions the wire once, ascending. */
  rowsOf(wire: number): Int32Array {
    return this.#rows.subarray(this.#start[wire], this.#start[wire + 1]);
  }

  /** For each row, the number of its wires for which `has` is false. */
  countWithout(has: (wire: number) => boolean): Int32Array {
    const counts = new Int32Array(this.rowCount);
    for (let wire = 0; wire + 1 < this.#start.length; wire++)
      if (!has(wire)) for (const row of this.rowsOf(wire)) counts[row] = (counts[row] ?? 0) + 1;
    return counts;
  }
}

/** Rows that wait for another look, first in, first out, each at most once at a time. */
export class WorkList {
  readonly #waiting: Uint8Array;
  #now: number[] = [];
  #next: number[] = [];
  #at = 0;

  constructor(size: number) {
    this.#waiting = new Uint8Array(size);
  }

  get isEmpty(): boolean {
    return this.#at === this.#now.length && this.#next.length === 0;
  }

  add(row: number): void {
    if (this.#waiting[row] === 1) return;
    this.#waiting[row] = 1;
    this.#next.push(row);
  }

  take(): number | undefined {
    if (this.#at === this.#now.length) {
      [this.#now, this.#next, this.#at] = [this.#next, [], 0];
    }
    const row = this.#now[this.#at++];
    if (row === undefined) {
      this.#at = this.#now.length;
      return undefined;
    }
    this.#waiting[row] = 0;
    return row;
  }
}
