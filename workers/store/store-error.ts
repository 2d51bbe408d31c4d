import { AssayError } from "../../circuits/format/error.ts";

export type StoreErrorCode = "ARTIFACT_MISSING" | "ARTIFACT_TOO_LARGE" | "PORT_IN_USE" | "ADDRESS_UNUSABLE";

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
