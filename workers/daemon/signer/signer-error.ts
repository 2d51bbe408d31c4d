import { AssayError } from "../../../circuits/format/error.ts";

export type SignerErrorCode =
  | "KEYSTORE_UNREADABLE"
  | "KEYSTORE_PASSWORD_WRONG"
  | "SIGNER_UNAVAILABLE"
  | "SIGNER_REFUSED"
  | "SIGNER_KEY_UNSUITABLE"
  | "SIGNER_MISMATCH";

/** Whoever holds the key did not sign, or signed something else. Nothing was sent. */
export class SignerError extends AssayError {
  declare readonly code: SignerErrorCode;
  constructor(
    code: SignerErrorCode,
    message: string,
    options: { retryable?: boolean; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(code, message, options);
  }
}
