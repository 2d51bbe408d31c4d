import { FIELD_ORDER } from "../../format/interface-words.ts";
import { invert } from "../../format/field.ts";
import { FULL_ROUNDS, poseidonParameters } from "../../format/poseidon-parameters.ts";

type Vector = readonly bigint[];
type Matrix = readonly Vector[];

/**
 * The same permutation with partial rounds that touch each element once. Let the matrix be [[m, v], [w, S]] and u the
 * state without its first element, seen through S: after k partial rounds the state is S^k u, and its round constants
 * are summed apart. Then a round that turns the first element into y by the S-box does
 *     first' = m y + rows[k] . u + partial[k + 1]        rows[k] = v S^k
 *     u'     = u + columns[k] y                          columns[k] = S^-(k + 1) w
 * and S^(partial rounds) comes at the end.
 */
export interface PoseidonSchedule {
  readonly width: number;
  readonly partialRounds: number;
  /** Added before the S-boxes of the full rounds. */
  readonly full: Matrix;
  /** Added to the first element before the S-box of each partial round, and of the full one after them. */
  readonly partial: Vector;
  readonly matrix: Matrix;
  readonly rows: Matrix;
  readonly columns: Matrix;
  readonly last: Matrix;
}

const known = new Map<number, PoseidonSchedule>();

export function poseidonSchedule(width: number): PoseidonSchedule {
  const found = known.get(width) ?? Object.freeze(makeSchedule(width));
  known.set(width, found);
  return found;
}

function makeSchedule(width: number): PoseidonSchedule {
  const { partialRounds, constants, matrix } = poseidonParameters(width);
  const half = FULL_ROUNDS / 2;
  const inner = matrix.slice(1).map((row) => row.slice(1));
  const inverse = invertMatrix(inner);
  const transposed = transpose(inner);
  const rows: Vector[] = [];
  const columns: Vector[] = [];
  const first = constants.slice(half).map(([constant = 0n]) => constant);
  let row: Vector = matrix[0]?.slice(1) ?? [];
  let column = matrix.slice(1).map(([entry = 0n]) => entry);
  let added: Vector = constants[half]?.slice(1) ?? [];
  const start: Vector = row;
  const partial = [first[0] ?? 0n];
  for (let round = 0; round < partialRounds; round++) {
    column = times(inverse, column);
    rows.push(row);
    columns.push(column);
    row = times(transposed, row);
    partial.push((dot(start, added) + (first[round + 1] ?? 0n)) % FIELD_ORDER);
    const next = constants[half + round + 1]?.slice(1) ?? [];
    added = times(inner, added).map((value, index) => (value + (next[index] ?? 0n)) % FIELD_ORDER);
  }
  const middle = [partial.at(-1) ?? 0n, ...added];
  const full = [...constants.slice(0, half), middle, ...constants.slice(half + partialRounds + 1)];
  return { width, partialRounds, full, partial, matrix, rows, columns, last: power(inner, partialRounds) };
}

function dot(left: Vector, right: Vector): bigint {
  let sum = 0n;
  left.forEach((value, index) => (sum += value * (right[index] ?? 0n)));
  return sum % FIELD_ORDER;
}

function times(matrix: Matrix, vector: Vector): bigint[] {
  return matrix.map((row) => dot(row, vector));
}

function transpose(matrix: Matrix): bigint[][] {
  return matrix.map((_, column) => matrix.map((row) => row[column] ?? 0n));
}

function multiply(left: Matrix, right: Matrix): bigint[][] {
  const columns = transpose(right);
  return left.map((row) => columns.map((column) => dot(row, column)));
}

function power(matrix: Matrix, exponent: number): Matrix {
  if (exponent === 1) return matrix;
  const root = power(matrix, exponent >> 1);
  const square = multiply(root, root);
  return exponent % 2 === 0 ? square : multiply(square, matrix);
}

/** By elimination; parts of a Cauchy matrix have an inverse and no pivot that is 0. */
function invertMatrix(matrix: Matrix): bigint[][] {
  const size = matrix.length;
  const work = matrix.map((row, index) => [...row, ...row.map((_, column) => (column === index ? 1n : 0n))]);
  for (let pivot = 0; pivot < size; pivot++) {
    const factor = invert(work[pivot]?.[pivot] ?? 0n);
    const line = (work[pivot] ?? []).map((value) => (value * factor) % FIELD_ORDER);
    work[pivot] = line;
    work.forEach((row, index) => {
      const weight = row[pivot] ?? 0n;
      if (index !== pivot)
        work[index] = row.map((value, at) => (value + (FIELD_ORDER - weight) * (line[at] ?? 0n)) % FIELD_ORDER);
    });
  }
  return work.map((row) => row.slice(size));
}
