import { AssayError } from "../../../circuits/format/error.ts";

export type MeasureErrorCode = "PCRS_INVALID" | "REGISTER_MISSING" | "REGISTER_LENGTH";

/** Registers that are not given as they should be. */
export class MeasureError extends AssayError {
  declare readonly code: MeasureErrorCode;

  constructor(
    code: MeasureErrorCode,
    message: string,
    options: { details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(code, message, options);
  }
}
