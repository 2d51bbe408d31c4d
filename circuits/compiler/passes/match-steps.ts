import type { Interval } from "../graph/interval.ts";

/** floor((z * multiplier + offset) / 2^shift). */
export interface Steps {
  readonly multiplier: bigint;
  readonly offset: bigint;
  readonly shift: number;
}

const LARGEST_SHIFT = 44;

/**
 * A multiplication and a shift that give the same integers as a function that rounds a multiple of z, for every z of an
 * interval: `step` must not fall, and `slope` is about what it rises by. Only the places where it rises count. Where
 * float32 rounding put one of them out of line there is no such pair: undefined.
 */
export function matchSteps(
  step: (z: number) => number,
  slope: number,
  { lo, hi }: Interval,
  limits: { readonly min: number; readonly max: number },
): Steps | undefined {
  const rises = findRises(step, Number(lo), Number(hi), limits);
  if (rises.length === 0) {
    const level = Math.max(limits.min, Math.min(limits.max, step(Number(lo))));
    return { multiplier: 0n, offset: BigInt(level) << 1n, shift: 1 };
  }
  for (let shift = 1; shift <= LARGEST_SHIFT; shift++) {
    const nearest = BigInt(Math.round(slope * 2 ** shift));
    for (const multiplier of [nearest, nearest + 1n, nearest - 1n]) {
      if (multiplier <= 0n) continue;
      const offset = offsetFor(rises, multiplier, shift);
      if (offset !== undefined) return { multiplier, offset, shift };
    }
  }
  return undefined;
}

interface Rise {
  /** The least z with step(z) >= level. */
  readonly at: number;
  readonly level: number;
}

function findRises(
  step: (z: number) => number,
  lo: number,
  hi: number,
  { min, max }: { readonly min: number; readonly max: number },
): Rise[] {
  const rises: Rise[] = [];
  const [first, last] = [Math.max(min, step(lo)), Math.min(max, step(hi))];
  let from = lo;
  for (let level = first + 1; level <= last; level++) {
    let [low, high] = [from, hi];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (step(middle) >= level) high = middle;
      else low = middle + 1;
    }
    rises.push({ at: low, level });
    from = low;
  }
  return rises;
}

/** (at - 1) * multiplier + offset < level * 2^shift <= at * multiplier + offset, for all rises at once. */
function offsetFor(rises: readonly Rise[], multiplier: bigint, shift: number): bigint | undefined {
  let least: bigint | undefined;
  let most: bigint | undefined;
  for (const { at, level } of rises) {
    const target = BigInt(level) << BigInt(shift);
    const low = target - BigInt(at) * multiplier;
    const high = low + multiplier - 1n;
    if (least === undefined || low > least) least = low;
    if (most === undefined || high < most) most = high;
    if (least > most) return undefined;
  }
  return least === undefined || most === undefined ? undefined : (least + most) >> 1n;
}
