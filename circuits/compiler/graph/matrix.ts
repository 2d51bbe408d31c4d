/**
 * A sparse matrix by rows: the entries of row `r` are at positions `start[r]` to `start[r + 1]`, columns ascending,
 * never zero.
 */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly start: Int32Array;
  readonly column: Int32Array;
  readonly weight: Float64Array;
}

/** Calls `fill(row, set)` for each row; `set(column, weight)` adds to what is there. */
export function buildMatrix(
  rows: number,
  columns: number,
  fill: (row: number, add: (column: number, weight: number) => void) => void,
): Matrix {
  const start = new Int32Array(rows + 1);
  const column: number[] = [];
  const weight: number[] = [];
  const sums = new Float64Array(columns);
  const touched = new Set<number>();
  for (let row = 0; row < rows; row++) {
    fill(row, (at, value) => {
      sums[at] = (sums[at] ?? 0) + value;
      touched.add(at);
    });
    for (const at of [...touched].sort((a, b) => a - b)) {
      const value = sums[at] ?? 0;
      sums[at] = 0;
      if (value === 0) continue;
      column.push(at);
      weight.push(value);
    }
    touched.clear();
    start[row + 1] = column.length;
  }
  return { rows, columns, start, column: Int32Array.from(column), weight: Float64Array.from(weight) };
}

export function forEachEntry(matrix: Matrix, row: number, visit: (column: number, weight: number) => void): void {
  const end = matrix.start[row + 1] ?? 0;
  for (let at = matrix.start[row] ?? 0; at < end; at++) visit(matrix.column[at] ?? 0, matrix.weight[at] ?? 0);
}

export function mapEntries(matrix: Matrix, change: (weight: number, column: number, row: number) => number): Matrix {
  return buildMatrix(matrix.rows, matrix.columns, (row, add) => {
    forEachEntry(matrix, row, (column, weight) => add(column, change(weight, column, row)));
  });
}

export function identityMatrix(size: number, weight = 1): Matrix {
  return buildMatrix(size, size, (row, add) => add(row, weight));
}

/** Whether the columns of every row ascend and exist. */
export function columnsAscend({ rows, columns, start, column }: Matrix): boolean {
  for (let row = 0; row < rows; row++) {
    const end = start[row + 1] ?? 0;
    let before = -1;
    for (let at = start[row] ?? 0; at < end; at++) {
      const current = column[at] ?? 0;
      if (current <= before || current >= columns) return false;
      before = current;
    }
  }
  return true;
}

/** The most entries that a matrix may have: 12 bytes each. */
export function entryCount({ column }: Matrix): number {
  return column.length;
}
