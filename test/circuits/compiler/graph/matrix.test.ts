import { expect } from "chai";
import fc from "fast-check";

import { buildMatrix, columnsAscend, forEachEntry } from "../../../../circuits/compiler/graph/matrix.ts";

const COLUMNS = 7;
type Entry = readonly [column: number, weight: number];

const rows: fc.Arbitrary<Entry[][]> = fc.array(
  fc.array(fc.tuple(fc.nat(COLUMNS - 1), fc.integer({ min: -2, max: 2 })), { maxLength: 12 }),
  { maxLength: 12 },
);

describe("a sparse matrix", () => {
  it("adds up what is filled in, in any order, and keeps no zero", () => {
    fc.assert(
      fc.property(rows, (entries) => {
        const matrix = buildMatrix(entries.length, COLUMNS, (row, add) => {
          for (const [column, weight] of entries[row] ?? []) add(column, weight);
        });
        expect(columnsAscend(matrix)).to.equal(true);
        expect(matrix.weight.includes(0)).to.equal(false);
        entries.forEach((list, row) => {
          const dense = new Array<number>(COLUMNS).fill(0);
          for (const [column, weight] of list) dense[column] = (dense[column] ?? 0) + weight;
          const found = new Array<number>(COLUMNS).fill(0);
          forEachEntry(matrix, row, (column, weight) => (found[column] = weight));
          expect(found).to.deep.equal(dense.map((weight) => weight + 0));
        });
      }),
      { numRuns: 300 },
    );
  });

  it("grows past what a row for each entry would need", () => {
    const matrix = buildMatrix(3, 1000, (row, add) => {
      for (let column = 0; column < 1000; column++) add(column, row + column + 1);
    });
    expect(matrix.column.length).to.equal(3000);
    expect(matrix.weight[2999]).to.equal(1002);
  });
});
