import { NodeProblem } from "../compile-error.ts";

const LARGEST = 2 ** 53;
/** The ends of int64; in float64, which is how they arrive from a varint, INT64_MAX rounds up to this. */
const INT64_END = 2 ** 63;
const UINT64_END = 2 ** 64;

/**
 * A 64-bit integer as a float64. Exporters write INT64_MAX and its negative (and UINT64_MAX) for "to the end" in Slice
 * and for "no limit" in Clip and Loop: those become +-2^53, which is as far beyond any index and any value of a circuit,
 * and exact. Any other integer beyond 2^53 throws a `NodeProblem`: float64 would silently take its neighbour.
 */
export function exactInteger(value: number, place: string): number {
  if (Math.abs(value) < LARGEST) return value;
  if (Math.abs(value) === INT64_END || value === UINT64_END) return Math.sign(value) * LARGEST;
  throw new NodeProblem(
    "PRECISION_LOST",
    `${place} is ${value}, an integer that is not exact in 53 bits; export the model with integers below 2^53`,
  );
}
