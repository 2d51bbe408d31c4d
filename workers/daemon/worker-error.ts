import { AssayError } from "../../circuits/format/error.ts";

export type WorkerErrorCode =
  | "CONFIG_INVALID"
  | "JOURNAL_CORRUPT"
  | "JOURNAL_NEWER"
  | "JOURNAL_OTHER_WORKER"
  | "JOURNAL_CLOSED"
  | "JOURNAL_UNWRITABLE"
  | "BACKUP_EXISTS"
  | "BACKUP_NOT_NEWER"
  | "BACKUP_DIVERGED"
  | "BACKUP_BEHIND_CHAIN"
  | "JOURNAL_CONFLICT"
  | "JOURNAL_UNREACHABLE"
  | "TASK_GIVEN_UP"
  | "WORKER_STOPPING"
  | "KEY_IN_USE"
  | "CHAIN_ID_MISMATCH"
  | "CHAIN_REORG_TOO_DEEP"
  | "RPC_UNREACHABLE"
  | "RPC_REFUSED"
  | "RPC_DISAGREEMENT"
  | "RPC_INCOMPLETE"
  | "CHAIN_RESET"
  | "MARKET_MISSING"
  | "REPLAY_INVALID"
  | "INSUFFICIENT_BALANCE"
  | "GAS_TOO_DEAR"
  | "WORKER_NOT_REGISTERED"
  | "ARTIFACT_UNAVAILABLE"
  | "VERSION_INCONSISTENT"
  | "VERSION_TOO_LARGE"
  | "MODEL_UNSUPPORTED"
  | "EXECUTION_FAILED"
  | "EXECUTOR_CRASHED"
  | "EXECUTOR_TIMEOUT"
  | "EXECUTOR_MEMORY"
  | "PROOF_MISMATCH"
  | "ENCLAVE_MISSING"
  | "QUOTE_VERIFIER_MISSING"
  | "ARTIFACT_PRIVATE"
  | "INPUT_MISSING"
  | "OUTPUT_MISSING"
  | "INPUTS_FULL"
  | "INPUTS_PORT"
  | "MONITOR_PORT"
  | "REQUEST_INVALID"
  | "SEND_REFUSED"
  | "SEND_LOST";

export class WorkerError extends AssayError {
  declare readonly code: WorkerErrorCode;
  constructor(
    code: WorkerErrorCode,
    message: string,
    options: { retryable?: boolean; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(code, message, options);
  }
}
