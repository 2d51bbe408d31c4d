import type { TransactionReceipt } from "ethers";

import { populateWrite, send, type UnsignedCall } from "../access.ts";
import type { Client } from "../client.ts";
import type { Job } from "../job.ts";

export interface CommitVerdictParameters {
  readonly job: Job;
  /** `commitmentOf` with the panel's round id, `panelIdOf(jobId)`. */
  readonly commitment: string;
}
export type CommitVerdictReturnType = TransactionReceipt;

/**
 * Takes a seat of the panel that judges a challenged answer: commits the signing worker to its own answer, and binds its
 * stake. Throws the contract's `NotDrawnForPanel`, `SeatTaken`, `DrawNotReady`.
 *
 * @example
 * await commitVerdict(client, { job, commitment: commitmentOf({ roundId: panelIdOf(jobId), worker, outputHash, salt }) });
 */
export function commitVerdict(client: Client, parameters: CommitVerdictParameters): Promise<CommitVerdictReturnType> {
  return send(client, populateCommitVerdict(client, parameters));
}

export function populateCommitVerdict(
  client: Pick<Client, "deployment">,
  parameters: CommitVerdictParameters,
): UnsignedCall {
  const { job, commitment } = parameters;
  return populateWrite(client, { contract: "market", functionName: "commitVerdict", args: [job, commitment] });
}
