import { SignerError } from "../../../../workers/daemon/signer/signer-error.ts";

/** The error of a signer that must fail. */
export async function signerErrorOf(work: Promise<unknown>): Promise<SignerError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof SignerError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}
