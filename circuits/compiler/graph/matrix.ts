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

/** Adds `weight` times element `column` to the row that is being filled. */
export type AddEntry = (column: number, weight: number) => void;

/** Calls `fill(row, add)` for each row; `add(column, weight)` adds to what is there. Quickest for ascending columns. */
export function buildMatrix(rows: number, columns: number, fill: (row: number, add: AddEntry) => void): Matrix {
  const start = new Int32Array(rows + 1);
  let column = new Int32Array(Math.max(16, rows));
  let weight = new Float64Array(column.length);
  let [first, count] = [0, 0];
  let descents = 0;
  const add: AddEntry = (at, value) => {
    if (count > first && at <= (column[count - 1] ?? 0)) descents++;
    if (count === column.length) {
      const [columnsBefore, weightsBefore] = [column, weight];
      column = new Int32Array(2 * count);
      column.set(columnsBefore);
      weight = new Float64Array(2 * count);
      weight.set(weightsBefore);
    }
    column[count] = at;
    weight[count++] = value;
  };
  for (let row = 0; row < rows; row++) {
    [first, descents] = [count, 0];
    fill(row, add);
    if (descents > 0) sortEntries(column.subarray(first, count), weight.subarray(first, count));
    count = compact(column, weight, first, count);
    start[row + 1] = count;
  }
  return { rows, columns, start, column: column.slice(0, count), weight: weight.slice(0, count) };
}

/** By column; entries of the same column keep their order, in which they are added up. */
function sortEntries(column: Int32Array, weight: Float64Array): void {
  const order = Array.from(column.keys()).sort((a, b) => (column[a] ?? 0) - (column[b] ?? 0));
  const [columns, weights] = [column.slice(), weight.slice()];
  order.forEach((from, to) => {
    column[to] = columns[from] ?? 0;
    weight[to] = weights[from] ?? 0;
  });
}

/** Adds up the entries of each column from `first` on and drops zeros; returns where they end now. */
function compact(column: Int32Array, weight: Float64Array, first: number, end: number): number {
  let to = first;
  for (let from = first; from < end;) {
    const at = column[from] ?? 0;
    let sum = weight[from++] ?? 0;
    while (from < end && column[from] === at) sum += weight[from++] ?? 0;
    if (sum === 0) continue;
    column[to] = at;
    weight[to++] = sum;
  }
  return to;
}

export function forEachEntry(matrix: Matrix, row: number, visit: (column: number, weight: number) => void): void {
  const end = matrix.start[row + 1] ?? 0;
  for (let at = matrix.start[row] ?? 0; at < end; at++) visit(matrix.column[at] ?? 0, matrix.weight[at] ?? 0);
}

/** Entries that become zero are dropped. */
export function mapEntries(matrix: Matrix, change: (weight: number, column: number, row: number) => number): Matrix {
  const { rows, columns } = matrix;
  const start = new Int32Array(rows + 1);
  const column = new Int32Array(matrix.column.length);
  const weight = new Float64Array(matrix.weight.length);
  let kept = 0;
  for (let row = 0; row < rows; row++) {
    const end = matrix.start[row + 1] ?? 0;
    for (let at = matrix.start[row] ?? 0; at < end; at++) {
      const from = matrix.column[at] ?? 0;
      const changed = change(matrix.weight[at] ?? 0, from, row);
      if (changed === 0) continue;
      column[kept] = from;
      weight[kept++] = changed;
    }
    start[row + 1] = kept;
  }
  return { rows, columns, start, column: column.slice(0, kept), weight: weight.slice(0, kept) };
}

export function identityMatrix(size: number, weight = 1): Matrix {
  return buildMatrix(size, size, (row, add) => add(row, weight));
}

/** The columns before `ends[0]` times `factors[0]`, those from there to `ends[1]` times `factors[1]`, and so on. */
export function scaleColumns(matrix: Matrix, factors: readonly number[], ends: readonly number[]): Matrix {
  const [first = 1] = factors;
  if (factors.every((factor) => factor === first))
    return first === 1 ? matrix : { ...matrix, weight: matrix.weight.map((weight) => weight * first) };
  const weight = matrix.weight.map((value, at) => {
    const column = matrix.column[at] ?? 0;
    return value * (factors[ends.findIndex((end) => column < end)] ?? 1);
  });
  return { ...matrix, weight };
}

/** Row r is factors[i] times element r of part i, summed. */
export function sideBySide(size: number, factors: readonly number[]): Matrix {
  return buildMatrix(size, size * factors.length, (row, add) => {
    factors.forEach((factor, part) => {
      add(part * size + row, factor);
    });
  });
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
