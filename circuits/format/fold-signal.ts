import { bn254 } from "@noble/curves/bn254.js";

import { ProofError, type VerificationKey } from "./groth16.ts";
import { FIELD_ORDER } from "./interface-words.ts";

/**
 * The key of the same statements with the last public signal fixed to a value: its point, times the value, goes into
 * ic[0]. Both keys accept the same proofs, the new one for this value alone, so that several versions share a proving
 * key. Throws `SIGNAL_COUNT` for a key without a signal to spare, `SIGNAL_RANGE`, and `KEY_UNSAFE` if ic[0] would vanish.
 */
export function foldLastSignal(key: VerificationKey, value: bigint): VerificationKey {
  const { ic } = key;
  const [first, last] = [ic[0], ic.at(-1)];
  if (ic.length < 3 || first === undefined || last === undefined)
    throw new ProofError("SIGNAL_COUNT", "the key has no public signal to spare");
  if (value < 0n || value >= FIELD_ORDER) throw new ProofError("SIGNAL_RANGE", `${value} is outside [0, field order)`);
  const { Point } = bn254.G1;
  const start = Point.fromAffine({ x: first[0], y: first[1] });
  const factor = Point.fromAffine({ x: last[0], y: last[1] });
  const sum = value === 0n ? start : start.add(factor.multiply(value));
  if (sum.is0()) throw new ProofError("KEY_UNSAFE", "ic[0] would be the point at infinity");
  const { x, y } = sum.toAffine();
  return { ...key, ic: [[x, y], ...ic.slice(1, -1)] };
}
