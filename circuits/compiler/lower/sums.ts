import type { Sum } from "../gadgets/gadget.ts";

export const ZERO: Sum = Object.freeze({ scalars: [], weights: [], constant: 0n });

export function plus(sum: Sum, constant: bigint): Sum {
  return { ...sum, constant: sum.constant + constant };
}

/** Sum of factors[i] * parts[i], plus a constant; scalars that cancel are dropped. */
export function combine(parts: readonly Sum[], factors: readonly bigint[], offset: bigint): Sum {
  const weights = new Map<number, bigint>();
  let constant = offset;
  parts.forEach((part, index) => {
    const factor = factors[index] ?? 0n;
    constant += factor * part.constant;
    part.scalars.forEach((id, at) => {
      weights.set(id, (weights.get(id) ?? 0n) + factor * (part.weights[at] ?? 0n));
    });
  });
  const kept = [...weights].filter(([, weight]) => weight !== 0n).sort(([a], [b]) => a - b);
  return { scalars: kept.map(([id]) => id), weights: kept.map(([, weight]) => weight), constant };
}
