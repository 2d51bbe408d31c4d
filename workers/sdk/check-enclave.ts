import { hexlify, keccak256, recoverAddress } from "ethers";

import type { GetJobReturnType } from "./actions/get-job.ts";
import type { Client } from "./client.ts";
import type { EnrolmentFindings } from "./enrolments/check-enrolment.ts";
import { findEnrolment } from "./enrolments/find-enrolment.ts";
import type { Enrolled } from "./enrolments/fetch-enrolment.ts";
import { recheckEnrolment, type RecheckOptions } from "./enrolments/recheck-enrolment.ts";
import { SdkError } from "./errors.ts";
import { decodeEnclaveLogs, type Position } from "./facts.ts";
import type { FulfilledWith } from "./fetch-evidence.ts";
import { fetchLogs } from "./fetch-logs.ts";
import { resultDigest } from "./job.ts";
import { onChain } from "./rpc-error.ts";
import { unverified } from "./unverified.ts";
import type { Version } from "./version.ts";

export interface Enclave {
  readonly worker: string;
  readonly enclaveKey: string;
  /** Hash of what identifies the code. */
  readonly measurement: string;
  /** A development root signed the quote: no isolation is proven. */
  readonly simulated: boolean;
  readonly enrolment: EnclaveEnrolment;
}

export interface EnclaveEnrolment {
  readonly transactionHash: string;
  readonly quoteHash: string;
  /** What was found out about the quote here; null if the chain's word was taken for it. */
  readonly findings: EnrolmentFindings | null;
  /** Why nothing was found out; null if it was. */
  readonly unchecked: string | null;
}

export interface CheckEnclaveOptions extends RecheckOptions {
  /**
   * Whether the enrolment is checked here: `when-possible` is content with the chain's word for one that cannot be, and
   * says so; `required` throws then; `believed` does not try.
   */
  readonly enrolment?: "when-possible" | "required" | "believed" | undefined;
}

type Statement = FulfilledWith & { readonly answer: Position };

/**
 * Recovers who signed a job's result and checks, from the registry's logs before the answer, that this enclave was enrolled
 * for the worker, had not expired, was not ended and runs accepted code; and the enrolment itself by its quote. Throws
 * `RESULT_UNVERIFIED`.
 */
export async function checkEnclave(
  client: Client,
  { job }: Pick<GetJobReturnType, "job">,
  version: Pick<Version, "spec">,
  { output, evidence, worker, answer }: Statement,
  options: CheckEnclaveOptions = {},
): Promise<Enclave> {
  const digest = resultDigest(client.deployment, job, keccak256(output), worker);
  return checkSignatureOf(client, version, { digest, evidence, worker, until: answer }, options);
}

/** A digest and an enclave's signature of it, for a worker. */
export interface SignedDigest extends Pick<FulfilledWith, "evidence" | "worker"> {
  readonly digest: string;
  /** Where in the chain it counted; now when left out. */
  readonly until?: Position | undefined;
}

/** The same for an enclave's signature of any digest. Throws `RESULT_UNVERIFIED`. */
export async function checkSignatureOf(
  client: Client,
  { spec }: Pick<Version, "spec">,
  { digest, evidence, worker, until }: SignedDigest,
  options: CheckEnclaveOptions = {},
): Promise<Enclave> {
  const enclaveKey = signerOf(digest, evidence);
  const found = await findEnrolment(client, enclaveKey, until);
  if (found === undefined) throw failed("enrolment", `the signer ${enclaveKey} was no enrolled enclave`);
  const { fact, expiresAt, isEnded } = found;
  if (fact.worker !== worker) throw failed("worker", `enclave ${enclaveKey} belongs to ${fact.worker}`);
  if (isEnded) throw failed("epoch", `the worker had ended the key ${enclaveKey}`);

  const at = until?.blockNumber ?? "latest";
  const block = await onChain(`block ${at}`, () => client.provider.getBlock(at));
  if (block === null || BigInt(block.timestamp) > expiresAt)
    throw failed("expiry", `the enrolment of ${enclaveKey} had expired at ${expiresAt}`);

  const { measurement, simulated, transactionHash, quoteHash } = fact;
  const isAccepted =
    spec.measurements.length > 0
      ? spec.measurements.includes(measurement)
      : await wasAccepted(client, measurement, block.number);
  if (!isAccepted) throw failed("measurement", `code with measurement ${measurement} was not accepted`);
  const checked = await recheck(client, fact, options);
  return { worker, enclaveKey, measurement, simulated, enrolment: { transactionHash, quoteHash, ...checked } };
}

async function recheck(
  client: Client,
  fact: Enrolled,
  { enrolment = "when-possible", ...options }: CheckEnclaveOptions,
): Promise<Pick<EnclaveEnrolment, "findings" | "unchecked">> {
  if (enrolment === "believed") return { findings: null, unchecked: "this was not asked for" };
  try {
    return { findings: (await recheckEnrolment(client, fact, options)).findings, unchecked: null };
  } catch (error) {
    const isMissing = error instanceof SdkError && error.code === "EVIDENCE_NOT_FOUND";
    if (enrolment === "required" || !isMissing) throw error;
    return { findings: null, unchecked: error.message };
  }
}

function signerOf(digest: string, signature: Uint8Array): string {
  try {
    return recoverAddress(digest, hexlify(signature));
  } catch {
    throw failed("signature", "the evidence is no signature");
  }
}

async function wasAccepted(client: Client, measurement: string, toBlock: number): Promise<boolean> {
  const logs = await fetchLogs(client, {
    contract: "enclaveRegistry",
    events: ["MeasurementAccepted"],
    indexed: [measurement],
    toBlock,
  });
  const last = decodeEnclaveLogs(logs).at(-1);
  return last?.kind === "MeasurementAccepted" && last.accepted;
}

function failed(check: string, message: string) {
  return unverified("RESULT_UNVERIFIED", message, { check });
}
