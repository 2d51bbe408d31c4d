import { AssayError } from "../../../circuits/format/error.ts";

/** The error that an attempt ends in, which must be one of ours. */
export async function failure(attempt: Promise<unknown>): Promise<AssayError> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof AssayError) return error;
    throw error;
  }
  throw new Error("it succeeded");
}
