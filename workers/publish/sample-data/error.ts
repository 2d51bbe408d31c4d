import { AssayError } from "../../../circuits/format/error.ts";

/** `details` names the file and, where there is one, the array, the position, and the expected and found shapes. */
export class SampleDataError extends AssayError {
  declare readonly code: "SAMPLES_INVALID";
}

export function invalidSamples(file: string, message: string, details: Record<string, unknown> = {}): SampleDataError {
  return new SampleDataError("SAMPLES_INVALID", `${file}: ${message}`, { details: { file, ...details } });
}
