import { AssayError } from "../../circuits/format/error.ts";

export type StoreErrorCode =
  | "ARTIFACT_MISSING"
  | "ARTIFACT_UNAVAILABLE"
  | "ARTIFACT_TOO_LARGE"
  | "STORE_ADDRESS"
  | "STORE_READ_ONLY"
  | "STORE_UNAVAILABLE"
  | "STORE_REFUSED"
  | "PIN_UNKNOWN"
  | "KEY_FILE"
  | "RECIPIENT_INVALID"
  | "GRANT_INVALID"
  | "GRANT_OF_OTHERS"
  | "SEAL_BROKEN"
  | "PORT_IN_USE"
  | "ADDRESS_UNUSABLE";

export class StoreError extends AssayError {
  declare readonly code: StoreErrorCode;

  constructor(
    code: StoreErrorCode,
    message: string,
    options: { retryable?: boolean; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(code, message, options);
  }
}
