import type { ExtractAbiErrorNames } from "abitype";

import { AssayError } from "../../circuits/format/error.ts";
import type { errorsAbi } from "./abi/errors.ts";

export type SdkErrorCode =
  | "DEPLOYMENT_INVALID"
  | "WRONG_CHAIN"
  | "RPC_UNREACHABLE"
  | "RPC_ERROR"
  | "NOT_A_CONTRACT"
  | "SIGNER_MISSING"
  | "SIGNATURE_REJECTED"
  | "INSUFFICIENT_FUNDS"
  | "TRANSACTION_REPLACED"
  | "FACT_MISSING"
  // publish
  | "FILE_MISSING"
  | "PUBLICATION_INVALID"
  // request
  | "UNKNOWN_VERSION"
  | "VERSION_DEPRECATED"
  | "LEVEL_NOT_ALLOWED"
  | "NO_WORKER"
  | "FEE_TOO_LOW"
  // results
  | "JOB_UNKNOWN"
  | "JOB_REFUNDED"
  | "JOB_UNANSWERED"
  | "TIMEOUT"
  | "ABORTED"
  | "EVIDENCE_NOT_FOUND"
  | "RESULT_UNVERIFIED"
  | "BUNDLE_INVALID"
  | "COLLATERAL_UNREADABLE"
  // private inputs
  | "WORKER_UNREACHABLE"
  | "WORKER_REFUSED"
  // gateways
  | "GATEWAY_UNREACHABLE"
  | "GATEWAY_REFUSED"
  | "PAYMENT_NEEDED"
  // artifacts
  | "ARTIFACT_UNAVAILABLE"
  | "ARTIFACT_TOO_LARGE";

interface ErrorOptions {
  retryable?: boolean;
  details?: Record<string, unknown>;
  cause?: unknown;
}

/** What can go wrong on this side of the chain. `CONTENT_MISMATCH`, `TENSOR_*` and `MANIFEST_INVALID` come as they are. */
export class SdkError extends AssayError {
  declare readonly code: SdkErrorCode;

  constructor(code: SdkErrorCode, message: string, options: ErrorOptions = {}) {
    super(code, message, options);
  }
}

/** The Solidity name of a custom error, or `REVERTED` when a contract gave a text, a panic or no reason at all. */
export type ContractErrorCode = ExtractAbiErrorNames<typeof errorsAbi> | "REVERTED";

/** A contract refused. `code` is the Solidity error's name, `details` its arguments by name. */
export class ContractError extends AssayError {
  declare readonly code: string;

  constructor(code: string, message: string, options: ErrorOptions = {}) {
    super(code, message, options);
  }
}

/** Type guard by code, for contract errors: `isContractError(error, "FeeTooLow")`. */
export function isContractError(error: unknown, code: ContractErrorCode): error is ContractError {
  return error instanceof ContractError && error.code === code;
}
