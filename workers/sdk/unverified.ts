import { SdkError } from "./errors.ts";

/** A result that cannot be vouched for; `details.check` names what failed. */
export function unverified(
  code: "RESULT_UNVERIFIED" | "EVIDENCE_NOT_FOUND" | "JOB_UNANSWERED",
  message: string,
  details: Record<string, unknown>,
): SdkError {
  return new SdkError(code, message, { retryable: code === "JOB_UNANSWERED", details });
}
