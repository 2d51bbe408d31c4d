/** All integers from `lo` to `hi`, both included. */
export interface Interval {
  readonly lo: bigint;
  readonly hi: bigint;
}

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

/** The same in float arithmetic: exact while |value| < 2^52. */
export function roundHalfUpNumber(value: number, shift: number): number {
  return shift === 0 ? value : Math.floor((value + 2 ** (shift - 1)) / 2 ** shift);
}

export function roundInterval({ lo, hi }: Interval, shift: number): Interval {
  return { lo: roundHalfUp(lo, shift), hi: roundHalfUp(hi, shift) };
}
