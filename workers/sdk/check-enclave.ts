import { hexlify, keccak256, recoverAddress, zeroPadValue } from "ethers";

import type { GetJobReturnType } from "./actions/get-job.ts";
import type { Client } from "./client.ts";
import { decodeEnclaveLogs, type EnclaveFact } from "./facts.ts";
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
}

/**
 * Recovers who signed a job's result and checks, from the registry's logs up to the block of the answer, that this
 * enclave was enrolled for the worker, had not expired and runs accepted code. Throws `RESULT_UNVERIFIED`.
 */
export async function checkEnclave(
  client: Client,
  { job }: Pick<GetJobReturnType, "job">,
  { spec }: Pick<Version, "spec">,
  { output, evidence, worker, blockNumber }: FulfilledWith & { readonly blockNumber: number },
): Promise<Enclave> {
  const enclaveKey = signerOf(resultDigest(client.deployment, job, keccak256(output), worker), evidence);
  const enrolment = await lastEnrolment(client, enclaveKey, blockNumber);
  if (enrolment === undefined) throw failed("enrolment", `the signer ${enclaveKey} was no enrolled enclave`);
  if (enrolment.worker !== worker) throw failed("worker", `enclave ${enclaveKey} belongs to ${enrolment.worker}`);

  const block = await onChain(`block ${blockNumber}`, () => client.provider.getBlock(blockNumber));
  if (block === null || BigInt(block.timestamp) > enrolment.expiresAt)
    throw failed("expiry", `the enrolment of ${enclaveKey} had expired at ${enrolment.expiresAt}`);

  const { measurement, simulated } = enrolment;
  const isAccepted =
    spec.measurements.length > 0
      ? spec.measurements.includes(measurement)
      : await wasAccepted(client, measurement, blockNumber);
  if (!isAccepted) throw failed("measurement", `code with measurement ${measurement} was not accepted`);
  return { worker, enclaveKey, measurement, simulated };
}

function signerOf(digest: string, signature: Uint8Array): string {
  try {
    return recoverAddress(digest, hexlify(signature));
  } catch {
    throw failed("signature", "the evidence is no signature");
  }
}

async function lastEnrolment(
  client: Client,
  enclaveKey: string,
  toBlock: number,
): Promise<Extract<EnclaveFact, { kind: "EnclaveEnrolled" }> | undefined> {
  const logs = await fetchLogs(client, {
    contract: "enclaveRegistry",
    events: ["EnclaveEnrolled", "EnclaveInvalidated"],
    indexed: [zeroPadValue(enclaveKey, 32)],
    toBlock,
  });
  const last = decodeEnclaveLogs(logs).at(-1);
  return last?.kind === "EnclaveEnrolled" ? last : undefined;
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
