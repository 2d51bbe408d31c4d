import { concatBytes } from "../../circuits/format/tensor.ts";

/** Length of an encoded Groth16 proof. */
export const PROOF_BYTES = 256;

/** Zkml evidence: 256 bytes of proof, then the packed input, which the chain knows only by its hash. */
export function proofEvidence(proof: Uint8Array, input: Uint8Array): Uint8Array {
  return concatBytes([proof, input]);
}

/** The inverse of `proofEvidence`; undefined if there is not even a proof. */
export function splitProofEvidence(evidence: Uint8Array): { proof: Uint8Array; input: Uint8Array } | undefined {
  if (evidence.length < PROOF_BYTES) return undefined;
  return { proof: evidence.subarray(0, PROOF_BYTES), input: evidence.subarray(PROOF_BYTES) };
}
