import { read } from "../access.ts";
import type { Client } from "../client.ts";
import type { Job } from "../job.ts";

export interface DrawnWorkerParameters {
  readonly job: Job;
}
export interface DrawnWorkerReturnType {
  /** 0 if any serving worker may act. */
  readonly workerId: bigint;
  /** Until when the worker has priority, in Unix seconds. */
  readonly until: bigint;
}

/**
 * Which worker has a job to itself, and how long. Throws the contract's `DrawNotReady` (retryable) in the block of the
 * request.
 *
 * @example
 * const { workerId, until } = await drawnWorker(client, { job });
 */
export async function drawnWorker(client: Client, { job }: DrawnWorkerParameters): Promise<DrawnWorkerReturnType> {
  const [workerId, until] = await read(client, { contract: "market", functionName: "drawnWorker", args: [job] });
  return { workerId, until };
}
