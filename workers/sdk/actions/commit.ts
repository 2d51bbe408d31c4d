import type { TransactionReceipt } from "ethers";

import { populateWrite, send, type UnsignedCall } from "../access.ts";
import type { Client } from "../client.ts";
import type { Job } from "../job.ts";

export interface CommitParameters {
  readonly job: Job;
  /** `commitmentOf` the job id, the worker's key, the hash of the packed output, and a salt. */
  readonly commitment: string;
}
export type CommitReturnType = TransactionReceipt;

/**
 * Takes a seat of a job with several copies: commits the signing worker to an answer that nobody else can see, and binds
 * its stake. Throws the contract's `NotDrawn`, `SeatTaken`, `StakeMissing`, `NotCopies`.
 *
 * @example
 * await commit(client, { job, commitment: commitmentOf({ roundId: jobId, worker, outputHash, salt }) });
 */
export function commit(client: Client, parameters: CommitParameters): Promise<CommitReturnType> {
  return send(client, populateCommit(client, parameters));
}

export function populateCommit(client: Pick<Client, "deployment">, parameters: CommitParameters): UnsignedCall {
  const { job, commitment } = parameters;
  return populateWrite(client, { contract: "market", functionName: "commit", args: [job, commitment] });
}
