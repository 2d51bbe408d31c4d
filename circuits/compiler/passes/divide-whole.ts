/** How to divide integers with a constant: floor((multiplier * z + offset) / 2^shift) + base. */
export interface WholeDivision {
  readonly multiplier: number;
  readonly offset: number;
  readonly shift: number;
  readonly base: number;
}

/**
 * floor((z + bias) / divisor) for every z in [lo, hi] with one multiplication and one rounding, both exact. By powers of
 * two there is only a shift; else the reciprocal is rounded up to so many bits that its error stays below what the
 * remainder leaves (Granlund and Montgomery, "Division by invariant integers using multiplication", 1994). `offset`
 * contains the half that rounding half up adds.
 */
export function divideWhole(lo: bigint, hi: bigint, divisor: number, bias: number): WholeDivision {
  const d = BigInt(divisor);
  if ((d & (d - 1n)) === 0n) {
    const shift = d.toString(2).length - 1;
    return { multiplier: 1, offset: bias - (shift === 0 ? 0 : 2 ** (shift - 1)), shift, base: 0 };
  }
  const [least, most] = [lo + BigInt(bias), hi + BigInt(bias)];
  const base = least < 0n ? (-least + d - 1n) / d : 0n;
  const largest = most + base * d;
  let shift = 1n;
  while ((roundUp(1n << shift, d) * d - (1n << shift)) * largest >= 1n << shift) shift++;
  const multiplier = roundUp(1n << shift, d);
  const offset = multiplier * (BigInt(bias) + base * d) - (1n << (shift - 1n));
  return { multiplier: Number(multiplier), offset: Number(offset), shift: Number(shift), base: -Number(base) };
}

function roundUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}
