/**
 * Real numbers as integer multiples of one unit: what quantized weights, their biases and the decimals of an input are
 * once their scales have been multiplied out. `values[i]` is `unit * integers[i]`.
 */
export interface IntegerGrid {
  readonly unit: number;
  readonly integers: Float64Array;
  /** The bias in the same unit. */
  readonly bias: Float64Array;
}

/** 8-bit integers and their differences. */
const LARGEST_INTEGER = 512;
/** Products of a few float32 scales in float64 are that close to exact, relatively. */
const TOLERANCE = 1e-7;

/**
 * The coarsest unit of which all weights are small integers and all biases integers; undefined if there is none, which
 * takes a few divisions to find out for weights that were never quantized.
 */
export function findGrid(weights: Float64Array, bias: Float64Array): IntegerGrid | undefined {
  let least = Infinity;
  let most = 0;
  for (const weight of weights) {
    const size = Math.abs(weight);
    if (size > 0 && size < least) least = size;
    if (size > most) most = size;
  }
  if (most === 0) return undefined;
  for (let divisor = 1; divisor <= LARGEST_INTEGER; divisor++) {
    const unit = least / divisor;
    if (most / unit > LARGEST_INTEGER * (1 + TOLERANCE)) return undefined;
    const integers = multiplesOf(weights, unit);
    const offsets = integers && multiplesOf(bias, unit);
    if (integers !== undefined && offsets !== undefined)
      return { unit: refine(weights, integers, unit), integers, bias: offsets };
  }
  return undefined;
}

function multiplesOf(values: Float64Array, unit: number): Float64Array | undefined {
  for (const value of values) {
    const quotient = value / unit;
    const nearest = Math.round(quotient);
    if (Math.abs(quotient - nearest) > TOLERANCE * Math.max(1, Math.abs(quotient)) || !Number.isSafeInteger(nearest))
      return undefined;
    if (Math.abs(quotient - nearest) > 1e-3) return undefined;
  }
  return values.map((value) => Math.round(value / unit) + 0);
}

/** The unit as the largest weight gives it: its rounding error counts least. */
function refine(weights: Float64Array, integers: Float64Array, unit: number): number {
  let best = unit;
  let size = 0;
  integers.forEach((integer, at) => {
    if (Math.abs(integer) <= size) return;
    size = Math.abs(integer);
    best = (weights[at] ?? 0) / integer;
  });
  return best;
}
