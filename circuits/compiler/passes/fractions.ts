/** Largest f with value * 2^f below 2^bits - 1/2, so that rounding stays within the bits. Exact: no logarithms. */
export function fittingFraction(value: number, bits: number): number {
  if (value === 0) return bits;
  const limit = 2 ** bits - 0.5;
  let fraction = 0;
  while (value * 2 ** (fraction + 1) < limit && fraction < FINEST) fraction++;
  while (value * 2 ** fraction >= limit) fraction--;
  return fraction;
}

/** No value needs more fraction bits: what is as small as that is noise beside anything else. */
const FINEST = 40;

/** Half up; `+ 0` turns -0 into 0. */
export function nearest(value: number): number {
  return Math.floor(value + 0.5) + 0;
}

/** Least f with value * 2^f an integer; -Infinity for 0. */
export function exactFraction(value: number): number {
  if (value === 0) return -Infinity;
  let [rest, fraction] = [value, 0];
  while (!Number.isInteger(rest)) {
    rest *= 2;
    fraction++;
  }
  while (rest % 2 === 0) {
    rest /= 2;
    fraction--;
  }
  return fraction;
}

/** Takes 0.9999999999999999, which units and decimals multiply out to, for 1. */
export function snap(value: number): number {
  const integer = Math.round(value);
  return Math.abs(value - integer) < 1e-12 * Math.abs(integer) ? integer : value;
}
