import { read } from "../access.ts";
import type { Client } from "../client.ts";
import type { Job } from "../job.ts";

export interface FeeAtParameters {
  readonly job: Job;
  /** Unix seconds. */
  readonly time: bigint;
}
/** Wei, royalty and protocol fee included. */
export type FeeAtReturnType = bigint;

/**
 * What a job costs its requester if a worker acts at a time: `minFee` while the drawn worker has priority, then rising to
 * `maxFee` at the deadline.
 *
 * @example
 * const fee = await feeAt(client, { job, time: job.deadline });
 */
export function feeAt(client: Client, { job, time }: FeeAtParameters): Promise<FeeAtReturnType> {
  return read(client, { contract: "market", functionName: "feeAt", args: [job, time] });
}
