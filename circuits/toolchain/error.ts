import { AssayError } from "../format/error.ts";

export type ToolchainErrorCode =
  | "CIRCOM_FAILED"
  | "CIRCOM_EXHAUSTED"
  | "R1CS_CORRUPT"
  | "ZKEY_CORRUPT"
  | "CIRCUIT_SIZE"
  | "PROVER_CRASHED"
  | "PROVER_CLOSED";

/** What the tools that turn Circom into proofs can answer instead of a result. */
export class ToolchainError extends AssayError {
  declare readonly code: ToolchainErrorCode;
}
