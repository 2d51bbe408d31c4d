import type { Interval } from "../graph/interval.ts";
import type { LinearLayer } from "../graph/layer.ts";
import { forEachEntry } from "../graph/matrix.ts";
import type { LayerRules } from "./layer-rules.ts";

export const linear: LayerRules<LinearLayer> = {
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
  range({ matrix, bias }, inputs) {
    const vector = inputs.flat();
    return Array.from({ length: matrix.rows }, (_, row): Interval => {
      let lo = BigInt(bias[row] ?? 0);
      let hi = lo;
      forEachEntry(matrix, row, (column, weight) => {
        const element = vector[column];
        if (element === undefined) throw new RangeError(`column ${column} is beyond the inputs`);
        const factor = BigInt(weight);
        lo += factor * (factor > 0n ? element.lo : element.hi);
        hi += factor * (factor > 0n ? element.hi : element.lo);
      });
      return { lo, hi };
    });
  },
};

function join(parts: readonly Float64Array[], size: number): Float64Array {
  const joined = new Float64Array(size);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
