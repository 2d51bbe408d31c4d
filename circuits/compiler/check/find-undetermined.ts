import type { Constraint, ConstraintSystem, Terms } from "../../format/r1cs.ts";
import { type RowsOf, settleArgmax } from "./argmax-rule.ts";
import { settleCanonical } from "./canonical-rule.ts";
import { Facts } from "./facts.ts";
import { type OneHots, settleLinear } from "./linear-rule.ts";
import { RowIndex, WorkList } from "./row-index.ts";
import { type OneHot, type SortedRows, sortRows } from "./row-shapes.ts";
import { settleQuotient } from "./quotient-rule.ts";
import { settleSegments } from "./segments-rule.ts";
import { inferWireRanges } from "./wire-ranges.ts";

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
 * - A linear row whose unknown wires are all bits of a field element, if another keeps them below the field's order
 *   (see `settleCanonical`), has one solution.
 * - A division (see `settleQuotient`), an argmax (see `settleArgmax`) and a choice among intervals (see `settleSegments`) determine their
 *   wires together.
 *
 * It can only err on the safe side: a wire that it names may be determined by a rule that it lacks.
 */
export function findUndetermined(system: ConstraintSystem, given: readonly number[] = publicWires(system)): number[] {
  const facts = new Search(system, given).run();
  return Array.from({ length: system.wireCount }, (_, wire) => wire).filter((wire) => !facts.isKnown(wire));
}

/** Looks again only at rows that mention what was just learned, so that the work grows with the system and not its square. */
class Search {
  readonly #rows: SortedRows;
  readonly #index: RowIndex;
  readonly #waiting: WorkList;
  readonly #facts: Facts;
  /** Unknown wires of each row. */
  readonly #open: Int32Array;
  readonly #oneHotOf: OneHots;
  /** Rows that may bound the choice of a one-hot, as far as they are known. */
  readonly #boundsOf = new Map<OneHot, Set<Terms>>();

  constructor({ wireCount, constraints }: ConstraintSystem, given: readonly number[]) {
    this.#rows = sortRows(constraints);
    this.#index = new RowIndex(wireCount, this.#rows);
    this.#waiting = new WorkList(this.#index.rowCount);
    const isGiven = new Set([0, ...given]);
    this.#open = this.#index.countWithout((wire) => isGiven.has(wire));
    const ranges = inferWireRanges(wireCount, this.#rows, this.#index);
    this.#facts = new Facts(ranges, this.#rows.booleans, given, (wire) => this.#spread(wire));
    this.#oneHotOf = new Map(this.#rows.oneHots.flatMap((oneHot) => oneHot.wires.map((wire) => [wire, oneHot])));
  }

  run(): Facts {
    const { linearCount, rowCount } = this.#index;
    for (let row = 0; row < rowCount; row++) this.#waiting.add(row);
    let argmaxes = this.#rows.oneHots.filter(({ guarded }) => guarded);
    let divisions = this.#rows.products.filter(({ c }) => c.some(([wire]) => this.#facts.isBoolean(wire)));
    while (!this.#waiting.isEmpty) {
      for (let row = this.#waiting.take(); row !== undefined; row = this.#waiting.take()) {
        if (this.#open[row] === 0) continue;
        if (row < linearCount) this.#settleLinear(this.#rows.linear[row] ?? []);
        else if (this.#open[row] === 1) this.#settleProduct(this.#rows.products[row - linearCount]);
      }
      argmaxes = argmaxes.filter(({ wires }) => !settleArgmax(wires, this.#rowsOf(), this.#facts));
      divisions = divisions.filter((row) => !settleQuotient(row, this.#rowsOf().linear, this.#facts));
    }
    return this.#facts;
  }

  #spread(wire: number): void {
    for (const row of this.#index.rowsOf(wire)) {
      const left = (this.#open[row] ?? 0) - 1;
      this.#open[row] = left;
      if (row < this.#index.linearCount || left === 1) this.#waiting.add(row);
    }
  }

  #settleLinear(terms: Terms): void {
    if (settleLinear(terms, this.#facts, this.#oneHotOf)) return;
    if (settleCanonical(terms, this.#rowsOf().linear, this.#facts)) return;
    const oneHot = chosenBy(terms, this.#facts, this.#oneHotOf);
    if (oneHot === undefined) return;
    const bounds = this.#boundsOf.get(oneHot) ?? new Set();
    this.#boundsOf.set(oneHot, bounds.add(terms));
    settleSegments(oneHot.wires, terms, bounds, this.#facts);
  }

  #settleProduct(row: Constraint | undefined): void {
    const [only] = this.#facts.unknownOf(row?.c ?? []);
    if (row === undefined || only === undefined) return;
    if (this.#facts.unknownOf(row.a).length === 0 && this.#facts.unknownOf(row.b).length === 0)
      this.#facts.learn(only[0]);
  }

  #rowsOf(): RowsOf {
    const { linear, products } = this.#rows;
    const rows = (wire: number): readonly number[] => [...this.#index.rowsOf(wire)];
    return {
      linear: (wire) => rows(wire).flatMap((row) => (row < linear.length ? [linear[row] ?? []] : [])),
      products: (wire) => rows(wire).flatMap((row) => products[row - linear.length] ?? []),
    };
  }
}

function publicWires({ publicCount }: ConstraintSystem): number[] {
  return Array.from({ length: publicCount }, (_, index) => index + 1);
}

/** The one-hot whose members are all that is unknown in a row besides booleans. */
function chosenBy(terms: Terms, facts: Facts, oneHotOf: OneHots): OneHot | undefined {
  let found: OneHot | undefined;
  for (const [wire] of terms) {
    if (facts.isKnown(wire)) continue;
    if (!facts.isBoolean(wire)) return undefined;
    const oneHot = oneHotOf.get(wire);
    if (oneHot === undefined) continue;
    if (found !== undefined && found !== oneHot) return undefined;
    found = oneHot;
  }
  return found;
}
