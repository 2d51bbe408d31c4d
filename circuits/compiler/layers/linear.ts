import { z } from "zod";

import type { Sum } from "../gadgets/gadget.ts";
import type { Interval } from "../graph/interval.ts";
import type { Layer, LinearLayer } from "../graph/layer.ts";
import { buildMatrix, columnsAscend, forEachEntry } from "../graph/matrix.ts";
import { combine } from "../lower/sums.ts";
import { count, integer, position, value } from "./elementwise.ts";
import type { LayerRules } from "./layer-rules.ts";

const row = z
  .strictObject({ at: z.array(position), weights: z.array(integer.refine((weight) => weight !== 0)) })
  .refine(({ at, weights }) => at.length === weights.length, "needs one weight for each column");

export const linear: LayerRules<Layer<"linear">> = {
  size: ({ matrix }) => matrix.rows,

  compute({ matrix, bias }, inputs) {
    const vector = inputs.length === 1 && inputs[0] !== undefined ? inputs[0] : join(inputs, matrix.columns);
    const { start, column, weight } = matrix;
    const output = new Float64Array(matrix.rows);
    for (let row = 0; row < matrix.rows; row++) {
      let sum = bias[row] ?? 0;
      const end = start[row + 1] ?? 0;
      for (let at = start[row] ?? 0; at < end; at++) sum += (weight[at] ?? 0) * (vector[column[at] ?? 0] ?? 0);
      output[row] = sum;
    }
    return output;
  },

  evaluate({ matrix, bias }, inputs) {
    const vector = inputs.flat();
    return Array.from({ length: matrix.rows }, (_, row) => {
      let sum = BigInt(bias[row] ?? 0);
      forEachEntry(matrix, row, (column, weight) => {
        const element = vector[column] ?? 0n;
        if (element !== 0n) sum += BigInt(weight) * element;
      });
      return sum;
    });
  },

  /** A negative weight takes the other end of its element's interval. */
  range(layer, inputs) {
    const vector = inputs.flat();
    if (vector.length !== layer.matrix.columns)
      throw new RangeError(`${layer.matrix.columns} columns for ${vector.length}`);
    const bounds = {
      lo: Float64Array.from(vector, ({ lo }) => Number(lo)),
      hi: Float64Array.from(vector, ({ hi }) => Number(hi)),
    };
    return Array.from(
      { length: layer.matrix.rows },
      (_, row) => smallRange(layer, row, bounds) ?? exactRange(layer, row, vector),
    );
  },

  /** Only sums: no wire, no row. */
  lower({ matrix, bias }, inputs) {
    const vector = inputs.flat();
    return Array.from({ length: matrix.rows }, (_, row) => {
      const parts: Sum[] = [];
      const weights: bigint[] = [];
      forEachEntry(matrix, row, (column, weight) => {
        const part = vector[column];
        if (part === undefined) throw new RangeError(`column ${column} is beyond the inputs`);
        parts.push(part);
        weights.push(BigInt(weight));
      });
      return combine(parts, weights, BigInt(bias[row] ?? 0));
    });
  },

  cost: () => 0,
  prunable: "freely",

  needs({ inputs, matrix }, wanted, sizes) {
    const live = inputs.map(() => new Set<number>());
    const owner = columnOwners(sizes);
    for (const row of wanted)
      forEachEntry(matrix, row, (column) => {
        const { input, element } = owner(column);
        live[input]?.add(element);
      });
    return live;
  },

  keep(layer, wanted, kept, sizes) {
    const moved = new Map<number, number>();
    let [from, to] = [0, 0];
    sizes.forEach((size, input) => {
      for (const element of kept[input] ?? []) moved.set(from + element, to++);
      from += size;
    });
    const matrix = buildMatrix(wanted.length, to, (row, add) => {
      forEachEntry(layer.matrix, wanted[row] ?? 0, (column, weight) => {
        const target = moved.get(column);
        if (target !== undefined) add(target, weight);
      });
    });
    return Object.freeze({ ...layer, matrix, bias: Float64Array.from(wanted, (row) => layer.bias[row] ?? 0) });
  },

  *numbers({ matrix, bias }) {
    yield* matrix.weight;
    yield* bias;
  },

  problems({ matrix, bias }, sizes) {
    const size = sizes.reduce((sum, part) => sum + part, 0);
    const problems: string[] = [];
    if (matrix.columns !== size) problems.push(`${matrix.columns} columns for ${size} elements`);
    if (bias.length !== matrix.rows) problems.push("bias and rows differ in number");
    if (matrix.rows === 0) problems.push("has no rows");
    if (!columnsAscend(matrix)) problems.push("columns must ascend within the inputs");
    return problems;
  },

  schema: z
    .strictObject({
      kind: z.literal("linear"),
      inputs: z.array(value).min(1),
      columns: count,
      /** One for each row: columns, ascending, and their weights. */
      rows: z.array(row),
      bias: z.array(integer),
    })
    .transform(({ kind, inputs, columns, rows, bias }): LinearLayer => {
      const start = new Int32Array(rows.length + 1);
      rows.forEach(({ at }, index) => (start[index + 1] = (start[index] ?? 0) + at.length));
      const column = Int32Array.from(rows.flatMap(({ at }) => at));
      const weight = Float64Array.from(rows.flatMap(({ weights }) => weights));
      return {
        kind,
        inputs,
        matrix: { rows: rows.length, columns, start, column, weight },
        bias: Float64Array.from(bias),
      };
    }),

  encode({ inputs, matrix, bias }) {
    const rows = Array.from({ length: matrix.rows }, (_, row) => {
      const [from, to] = [matrix.start[row], matrix.start[row + 1]];
      return { at: [...matrix.column.subarray(from, to)], weights: [...matrix.weight.subarray(from, to)] };
    });
    return { kind: "linear", inputs, columns: matrix.columns, rows, bias: [...bias] };
  },
};

/** The interval of a row in float64, if nothing in it can leave the integers that float64 holds. */
function smallRange(
  { matrix, bias }: LinearLayer,
  row: number,
  bounds: { readonly lo: Float64Array; readonly hi: Float64Array },
): Interval | undefined {
  let lo = bias[row] ?? 0;
  let hi = lo;
  let size = Math.abs(lo);
  const end = matrix.start[row + 1] ?? 0;
  for (let at = matrix.start[row] ?? 0; at < end; at++) {
    const column = matrix.column[at] ?? 0;
    const weight = matrix.weight[at] ?? 0;
    const [least, most] = [weight * (bounds.lo[column] ?? 0), weight * (bounds.hi[column] ?? 0)];
    size += Math.max(Math.abs(least), Math.abs(most));
    lo += Math.min(least, most);
    hi += Math.max(least, most);
  }
  return size < Number.MAX_SAFE_INTEGER ? { lo: BigInt(lo), hi: BigInt(hi) } : undefined;
}

function exactRange({ matrix, bias }: LinearLayer, row: number, vector: readonly Interval[]): Interval {
  let lo = BigInt(bias[row] ?? 0);
  let hi = lo;
  forEachEntry(matrix, row, (column, weight) => {
    const element = vector[column] ?? { lo: 0n, hi: 0n };
    const factor = BigInt(weight);
    lo += factor * (factor > 0n ? element.lo : element.hi);
    hi += factor * (factor > 0n ? element.hi : element.lo);
  });
  return { lo, hi };
}

/** For a column of a matrix over inputs laid end to end: which input it belongs to, and which element of it. */
export function columnOwners(sizes: readonly number[]): (column: number) => { input: number; element: number } {
  const starts: number[] = [];
  let start = 0;
  for (const size of sizes) {
    starts.push(start);
    start += size;
  }
  return (column) => {
    const input = starts.findLastIndex((from) => from <= column);
    return { input, element: column - (starts[input] ?? 0) };
  };
}

function join(parts: readonly Float64Array[], size: number): Float64Array {
  const joined = new Float64Array(size);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
