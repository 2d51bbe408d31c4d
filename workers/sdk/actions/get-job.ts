import { getBytes } from "ethers";

import { read } from "../access.ts";
import type { Client } from "../client.ts";
import { SdkError } from "../errors.ts";
import { decodeMarketLogs, type MarketFact } from "../facts.ts";
import { fetchLogs } from "../fetch-logs.ts";
import { type Job, jobIdOf, type JobState, jobStateOf, type JobStatus } from "../job.ts";
import { type Level, levelOf } from "../level.ts";

export interface GetJobParameters {
  readonly jobId: string;
  /** The block of the request if it is known; saves searching from the deployment on. */
  readonly fromBlock?: number;
}

/** Market facts about a job, which excludes those about accounts and the administrator. */
export type JobFact = Extract<MarketFact, { readonly jobId: string }>;

export interface GetJobReturnType {
  readonly jobId: string;
  readonly job: Job;
  /** Packed input tensors. */
  readonly input: Uint8Array;
  readonly level: Level;
  readonly state: JobState;
  readonly status: JobStatus;
  /** Everything that happened to the job, oldest first; the first is its `JobRequested`. */
  readonly timeline: readonly JobFact[];
}

/**
 * A job, its input, its state and what happened to it. Throws `JOB_UNKNOWN`.
 *
 * @example
 * const { job, state, timeline } = await getJob(client, { jobId });
 */
export async function getJob(client: Client, { fromBlock, ...named }: GetJobParameters): Promise<GetJobReturnType> {
  const jobId = named.jobId.toLowerCase();
  const range = fromBlock === undefined ? {} : { fromBlock };
  const [logs, status] = await Promise.all([
    fetchLogs(client, { contract: "market", indexed: [jobId], ...range }),
    read(client, { contract: "market", functionName: "statusOf", args: [jobId] }),
  ]);
  const timeline = decodeMarketLogs(logs).filter((fact) => "jobId" in fact);
  const requested = timeline.find((fact) => fact.kind === "JobRequested");
  if (requested === undefined)
    throw new SdkError("JOB_UNKNOWN", `no job ${jobId} in this market: check the id and the chain`, {
      details: { jobId },
    });
  const { job, input } = requested;
  if (jobIdOf(client.deployment, job) !== jobId)
    throw new SdkError("FACT_MISSING", `the node's facts of job ${jobId} do not hash to its id`);
  return {
    jobId,
    job,
    input: getBytes(input),
    level: levelOf(job.level),
    state: jobStateOf(status),
    status,
    timeline,
  };
}
