import type { Interval } from "../graph/interval.ts";
import type { QuantizeLayer, ValueId } from "../graph/layer.ts";
import { buildMatrix, forEachEntry, type Matrix } from "../graph/matrix.ts";
import { linear } from "../layers/linear.ts";
import { roundHalfEven } from "../layers/whole.ts";
import { nearest } from "./fractions.ts";
import { findGrid } from "./integer-grid.ts";
import { matchSteps, type Steps } from "./match-steps.ts";

/** Real numbers as sums of integers: row r is weights on the integers of the layer's inputs, plus `bias[r]`. */
export interface RealRows {
  readonly matrix: Matrix;
  readonly bias: Float64Array;
  readonly ranges: readonly (readonly Interval[])[];
  /** Whether a single integer is a sum of products, which kernels multiply by a factor, and no number to be divided. */
  readonly areSums?: boolean;
}

/** Real numbers that are to be quantized, and the values that they are made of. */
export interface QuantizeSource {
  readonly ids: readonly ValueId[];
  readonly rows: RealRows;
}

export interface QuantizedRows {
  readonly matrix: Matrix;
  readonly bias: Float64Array;
  /** 0 if there is nothing to round. */
  readonly shift: number;
}

/** Bits of a weight where no integers are behind it: enough for 8-bit results. */
const APPROXIMATE_BITS = 20;

interface Row {
  readonly columns: number[];
  readonly integers: Float64Array;
  readonly bias: number;
  readonly steps: Steps;
}

/**
 * The linear layer after which a shift and a clip to [min, max] give what ONNX Runtime's integer kernels give: the sum
 * of products as an int32, times a float32 factor, rounded half to even. Rows without integers behind them (two scales
 * added up, or weights that were never quantized) come as close as 20 bits of weight allow.
 */
export function placeQuantize(layer: QuantizeLayer, rows: RealRows): QuantizedRows {
  const known = new Map<string, Steps | undefined>();
  const found = Array.from({ length: layer.size }, (_, row): Row => {
    const columns: number[] = [];
    const weights: number[] = [];
    forEachEntry(rows.matrix, row, (column, weight) => {
      columns.push(column);
      weights.push(weight);
    });
    const scale = layer.scale[row] ?? 1;
    const zero = layer.zero[row] ?? 0;
    const grid = findGrid(Float64Array.from(weights), Float64Array.of(rows.bias[row] ?? 0));
    const limits = { min: layer.min - zero, max: layer.max - zero };
    const offset = grid?.bias[0] ?? 0;
    if (grid !== undefined) {
      const range = rangeOf(rows, columns, grid.integers, offset);
      const isSum = rows.areSums === true || columns.length > 1;
      const key = [grid.unit, scale, zero, range.lo, range.hi, isSum].join();
      if (!known.has(key))
        known.set(key, matchSteps(stepOf(grid.unit, scale, isSum), grid.unit / scale, range, limits));
      const steps = known.get(key);
      if (steps !== undefined) return { columns, integers: grid.integers, bias: offset, steps };
    }
    return approximate(
      columns,
      Float64Array.from(weights, (weight) => weight / scale),
      (rows.bias[row] ?? 0) / scale,
    );
  });
  const shift = found.reduce((most, { steps }) => Math.max(most, steps.shift), 1);
  const bias = new Float64Array(layer.size);
  const matrix = buildMatrix(layer.size, rows.matrix.columns, (row, add) => {
    const { columns, integers, bias: own, steps } = found[row] ?? { columns: [], integers: [], bias: 0, steps: NONE };
    const scale = 2 ** (shift - steps.shift);
    const factor = Number(steps.multiplier) * scale;
    columns.forEach((column, at) => {
      add(column, (integers[at] ?? 0) * factor);
    });
    // The clip's own rounding adds half a unit.
    bias[row] = own * factor + Number(steps.offset) * scale + (layer.zero[row] ?? 0) * 2 ** shift - 2 ** (shift - 1);
  });
  return withoutShift({ matrix, bias, shift });
}

/**
 * Where one scale is a whole number of the rows' common unit, there are ties, which go to even: no multiplication and
 * shift does that, so these rows are divided exactly. Undefined where there are none.
 */
export function partsOfScale(
  { scale }: QuantizeLayer,
  { matrix, bias }: RealRows,
): { readonly divisor: number; readonly integers: Float64Array; readonly bias: Float64Array } | undefined {
  const [first = 1] = scale;
  if (!scale.every((other) => other === first)) return undefined;
  const grid = findGrid(matrix.weight, bias);
  if (grid === undefined) return undefined;
  const divisor = Math.round(first / grid.unit);
  const isWhole = divisor > 1 && divisor % 2 === 0 && Math.abs(first / grid.unit - divisor) < 1e-9 * divisor;
  return isWhole ? { divisor, integers: grid.integers, bias: grid.bias } : undefined;
}

/** Whole multiples of a step need no rounding: what is left of the bias never carries. */
function withoutShift({ matrix, bias, shift }: QuantizedRows): QuantizedRows {
  const step = 2 ** shift;
  if (!matrix.weight.every((weight) => weight % step === 0)) return { matrix, bias, shift };
  const whole = bias.map((offset) => Math.floor((offset + step / 2) / step));
  return { matrix: { ...matrix, weight: matrix.weight.map((weight) => weight / step) }, bias: whole, shift: 0 };
}

const NONE: Steps = { multiplier: 0n, offset: 0n, shift: 1 };

/** A single element is divided as QuantizeLinear does; a sum is multiplied as the integer kernels do. */
function stepOf(unit: number, scale: number, isSum: boolean): (z: number) => number {
  if (!isSum) return (z) => roundHalfEven(Math.fround(Math.fround(z * unit) / scale));
  const factor = Math.fround(unit / scale);
  return (z) => roundHalfEven(Math.fround(Math.fround(z) * factor));
}

function approximate(columns: number[], weights: Float64Array, bias: number): Row {
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const shift = Math.max(1, Math.min(40, APPROXIMATE_BITS - Math.ceil(Math.log2(largest === 0 ? 1 : largest))));
  const integers = weights.map((weight) => nearest(weight * 2 ** shift));
  const offset = BigInt(nearest(bias * 2 ** shift)) + (1n << BigInt(shift - 1));
  return { columns, integers, bias: 0, steps: { multiplier: 1n, offset, shift } };
}

function rangeOf(
  { ranges, matrix }: RealRows,
  columns: readonly number[],
  integers: Float64Array,
  bias: number,
): Interval {
  const row = buildMatrix(1, matrix.columns, (_, add) => {
    columns.forEach((column, at) => {
      add(column, integers[at] ?? 0);
    });
  });
  const [range = { lo: 0n, hi: 0n }] = linear.range(
    { kind: "linear", inputs: [], matrix: row, bias: Float64Array.of(bias) },
    ranges,
  );
  return range;
}
