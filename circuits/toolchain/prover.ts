import type { Proof } from "../format/groth16.ts";
import type { Witness } from "../format/r1cs.ts";

export interface ProvenStatement {
  readonly proof: Proof;
  readonly publicSignals: bigint[];
}

/** Makes proofs with one proving key, one after the other in the order of the calls. */
export interface Prover {
  /**
   * A proof that has been verified. Throws `WITNESS_LENGTH` or `WITNESS_VALUE` for what is no witness of this circuit,
   * `PROOF_INVALID` for a witness that breaks a constraint, `PROVER_CRASHED` (retryable) and `PROVER_CLOSED`.
   */
  prove(witness: Witness): Promise<ProvenStatement>;
  /** The process that proves at present, for whoever watches its memory. */
  readonly pid: number | undefined;
  /** Stops the work and frees the memory; proofs that are not done fail with `PROVER_CLOSED`. May be called again. */
  close(): Promise<void>;
}
