import { AssayError } from "../../../circuits/format/error.ts";

/** The error that a call ends with; fails if it returns or throws something else. */
export function errorOf(call: () => unknown): AssayError {
  try {
    call();
  } catch (error) {
    if (error instanceof AssayError) return error;
    throw error;
  }
  throw new Error("it returned");
}
