import type { ConstraintSystem } from "../../format/r1cs.ts";

/** Where the times and sizes below were measured, with snarkjs 0.7.6. */
export const MACHINE = "two cores of an AMD EPYC, Node 24";

/** snarkjs adds one row for each public signal and the constant. */
export function domainSize(constraints: number, publicSignals: number): number {
  let size = 1;
  while (size < constraints + publicSignals + 1) size *= 2;
  return size;
}

/** What the size of a proving key follows from. */
export interface KeyShape {
  readonly wires: number;
  readonly domain: number;
  /** In matrices A and B. */
  readonly coefficients: number;
}

export function coefficientsOf({ constraints, publicCount }: ConstraintSystem): number {
  return constraints.reduce((sum, { a, b }) => sum + a.length + b.length, publicCount + 1);
}

/** Measured on snarkjs keys: 320 bytes a wire, 64 a point of the domain, 44 a coefficient of A and B. */
export function zkeyBytes({ wires, domain, coefficients }: KeyShape): number {
  return 320 * wires + 64 * domain + 44 * coefficients;
}

/**
 * Of a warm proof. Fitted to 0.20 s on a domain of 2^12, 0.32 s on 2^13 and 1.14 s on 2^15; the processor time of proofs
 * up to 2^17 grows no faster than the domain, and filling that from a half to the whole adds a tenth at most.
 */
export function proveSeconds(domain: number): number {
  return 0.05 + 33e-6 * domain;
}

/** Peak resident memory of the prover's process: 0.29 GB with a key of 1.8 MB, 0.43 GB with 17 MB, 0.80 GB with 67 MB. */
export function proveMemoryBytes(keyBytes: number): number {
  return 280e6 + 7.7 * keyBytes;
}

/** Measured: a generic Groth16 verifier on the EVM, calldata included, with 6 and with 27 public signals. */
export function verifyGas(publicSignals: number): number {
  return 194_600 + 4_690 * publicSignals;
}
