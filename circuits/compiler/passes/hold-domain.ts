/**
 * A function that is finite on [lo, hi]: where it is not, it has the value of the nearest place where it is. A domain is
 * an interval, with poles inside. 0 if there is no such place among the ends, their middle and `hints`.
 */
export function holdDomain(
  f: (z: number) => number,
  lo: number,
  hi: number,
  hints: readonly number[],
): (z: number) => number {
  const isDefined = (z: number): boolean => Number.isFinite(f(z));
  const inside = [lo, hi, Math.floor((lo + hi) / 2), ...hints].find(isDefined);
  if (inside === undefined) return () => 0;
  const first = isDefined(lo) ? lo : boundary(isDefined, lo, inside);
  const last = isDefined(hi) ? hi : boundary(isDefined, hi, inside);
  return (z) => {
    const value = f(z);
    if (Number.isFinite(value)) return value;
    const near = Math.max(first, Math.min(last, z));
    return [near, near + 1, near - 1].map(f).find(Number.isFinite) ?? 0;
  };
}

/** The place next to `out` on the side of `inside`. */
function boundary(isDefined: (z: number) => boolean, out: number, inside: number): number {
  let [bad, good] = [out, inside];
  while (Math.abs(good - bad) > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (isDefined(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
