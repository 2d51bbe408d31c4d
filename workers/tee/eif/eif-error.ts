import { AssayError } from "../../../circuits/format/error.ts";

export type EifErrorCode =
  "EIF_MAGIC" | "EIF_VERSION" | "EIF_LAYOUT" | "EIF_SECTIONS" | "EIF_TRUNCATED" | "EIF_TRAILING_BYTES" | "EIF_CHECKSUM";

/** A file that is no enclave image, or one whose measurements would be in doubt. */
export class EifError extends AssayError {
  declare readonly code: EifErrorCode;

  constructor(code: EifErrorCode, message: string, details: Record<string, unknown> = {}) {
    super(code, message, { details });
  }
}
