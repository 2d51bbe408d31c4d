/** All integers from `lo` to `hi`, both included. */
export interface Interval {
  readonly lo: bigint;
  readonly hi: bigint;
}

export const BIT: Interval = Object.freeze({ lo: 0n, hi: 1n });

/** Bits of the largest of 0 to `value`: 0 for 0, n for 2^n - 1. */
export function bitLength(value: bigint): number {
  return value <= 0n ? 0 : value.toString(2).length;
}

/** Smallest n so that the interval lies in [-2^(n-1), 2^(n-1)). */
export function signedBits({ lo, hi }: Interval): number {
  return 1 + Math.max(bitLength(hi), bitLength(-lo - 1n));
}

/** value / 2^shift, rounded half up. */
export function roundHalfUp(value: bigint, shift: number): bigint {
  return shift === 0 ? value : (value + (1n << BigInt(shift - 1))) >> BigInt(shift);
}

const POWERS = Float64Array.from({ length: 64 }, (_, exponent) => 2 ** exponent);

/** Looked up, because every value of every sample is rounded when scales are chosen. */
function powerOfTwo(exponent: number): number {
  return POWERS[exponent] ?? 2 ** exponent;
}

/** The same in float arithmetic: exact while |value| < 2^52. */
export function roundHalfUpNumber(value: number, shift: number): number {
  return shift === 0 ? value : Math.floor((value + powerOfTwo(shift - 1)) / powerOfTwo(shift));
}

export function roundInterval({ lo, hi }: Interval, shift: number): Interval {
  return { lo: roundHalfUp(lo, shift), hi: roundHalfUp(hi, shift) };
}

export function productInterval(a: Interval, b: Interval): Interval {
  return hull([a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi]);
}

/** Of x * x: never negative, unlike a product of two that vary apart. */
export function squareInterval({ lo, hi }: Interval): Interval {
  const ends = hull([lo * lo, hi * hi]);
  return lo <= 0n && hi >= 0n ? { lo: 0n, hi: ends.hi } : ends;
}

/** Towards minus infinity, by a divisor that is positive. */
export function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}

/** Of floor(a / b), where no b is below 1. */
export function quotientInterval(a: Interval, b: Interval): Interval {
  return {
    lo: floorDivide(a.lo, a.lo < 0n ? b.lo : b.hi),
    hi: floorDivide(a.hi, a.hi < 0n ? b.hi : b.lo),
  };
}

/** From the least to the largest of some values; of none, [0, 0]. */
export function hull(values: readonly bigint[]): Interval {
  let [lo, hi] = [values[0] ?? 0n, values[0] ?? 0n];
  for (const value of values) {
    if (value < lo) lo = value;
    if (value > hi) hi = value;
  }
  return { lo, hi };
}
