import type { Sum, WireSum } from "../gadgets/gadget.ts";
import type { Scalar } from "./program.ts";

/** A sum of scalars as a sum of wires. */
export function expandSum({ scalars, weights, constant }: Sum, all: readonly Scalar[]): WireSum {
  const terms: (readonly [wire: number, coefficient: bigint])[] = [];
  let total = constant;
  scalars.forEach((id, index) => {
    const weight = weights[index] ?? 0n;
    const scalar = all[id];
    if (scalar === undefined) throw new RangeError(`scalar ${id} does not exist`);
    total += weight * scalar.constant;
    for (const [wire, coefficient] of scalar.terms) terms.push([wire, weight * coefficient]);
  });
  return { terms, constant: total };
}
