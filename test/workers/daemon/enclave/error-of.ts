import { AssayError } from "../../../../circuits/format/error.ts";

/** The typed error by which a promise fails; undefined if it does not. Throws any other error. */
export async function errorOf(work: Promise<unknown>): Promise<AssayError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof AssayError) return error;
    throw error;
  }
}
