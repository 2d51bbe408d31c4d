import type { Client } from "../client.ts";
import type { EnrolmentFindings } from "../enrolments/check-enrolment.ts";
import type { EnrolmentEvidence } from "../enrolments/enrolment-record.ts";
import { findEnrolment } from "../enrolments/find-enrolment.ts";
import { recheckEnrolment, type RecheckOptions } from "../enrolments/recheck-enrolment.ts";
import { onChain } from "../rpc-error.ts";
import { unverified } from "../unverified.ts";

export interface VerifyEnrolmentParameters extends RecheckOptions {
  readonly enclaveKey: string;
}

export type VerifyEnrolmentReturnType = EnrolmentFindings & {
  readonly enclaveKey: string;
  readonly worker: string;
  /** Until when results count that the key signs, in seconds; a notice may have set it earlier than the quote would. */
  readonly expiresAt: bigint;
  readonly transactionHash: string;
  /** What it was checked by: enough to do it again without a chain. */
  readonly evidence: EnrolmentEvidence;
};

/**
 * Checks that an enclave's key is enrolled now, without believing node or contracts about the quote: possession, quote,
 * certificates, collateral and report data are verified here, up to the maker's root unless another one is named. The node
 * is trusted for which events there are: that nobody ended the enrolment, what collateral was posted, and which
 * certificates of Nitro were distrusted.
 *
 * Throws `RESULT_UNVERIFIED` with the check that failed, and `EVIDENCE_NOT_FOUND` if there is nothing to check it by.
 *
 * @example
 * const { kind, measurement, simulated } = await verifyEnrolment(client, { enclaveKey });
 */
export async function verifyEnrolment(
  client: Client,
  { enclaveKey, ...options }: VerifyEnrolmentParameters,
): Promise<VerifyEnrolmentReturnType> {
  const found = await findEnrolment(client, enclaveKey, undefined);
  if (found === undefined) throw failed("enrolment", `${enclaveKey} is no enrolled enclave`);
  const { fact, expiresAt, isEnded } = found;
  if (isEnded) throw failed("epoch", `the worker ${fact.worker} ended the key ${enclaveKey}`);
  const block = await onChain("the latest block", () => client.provider.getBlock("latest"));
  if (block === null || BigInt(block.timestamp) > expiresAt)
    throw failed("expiry", `the enrolment of ${enclaveKey} expired at ${expiresAt}`);

  const { evidence, findings } = await recheckEnrolment(client, fact, options);
  const { worker, transactionHash } = fact;
  return { ...findings, enclaveKey: fact.enclaveKey, worker, expiresAt, transactionHash, evidence };
}

function failed(check: string, message: string) {
  return unverified("RESULT_UNVERIFIED", message, { check });
}
