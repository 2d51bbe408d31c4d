import { getBytes } from "ethers";

import { read } from "../access.ts";
import type { Client } from "../client.ts";
import { SdkError } from "../errors.ts";
import { decodeMarketLogs, type MarketFact } from "../facts.ts";
import { fetchLogs } from "../fetch-logs.ts";
import { type Job, jobIdOf, type JobState, jobStateOf, type JobStatus, type JobTerms, jobTermsOf } from "../job.ts";
import type { Level } from "../level.ts";
import { panelIdOf } from "../round.ts";

export interface GetJobParameters {
  readonly jobId: string;
  /** The block of the request if it is known; saves searching from the deployment on. */
  readonly fromBlock?: number;
}

/** Market facts about a job, its copies and its panel, which excludes those about accounts and the administrator. */
export type JobFact = Exclude<
  Extract<MarketFact, { readonly jobId: string } | { readonly roundId: string }>,
  { readonly kind: "SignedRequestUsed" }
>;

export interface GetJobReturnType {
  readonly jobId: string;
  /** What every later step takes. */
  readonly job: Job;
  /** The same, readable. */
  readonly terms: JobTerms;
  /** Packed input tensors. */
  readonly input: Uint8Array;
  readonly level: Level;
  readonly state: JobState;
  readonly status: JobStatus;
  /**
   * Everything that happened to the job, oldest first; the first is its `JobRequested`. Facts of rounds have the job's id
   * as `roundId` if they are about its copies, else that of its panel.
   */
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
    fetchLogs(client, { contract: "market", indexed: [[jobId, panelIdOf(jobId)]], ...range }),
    read(client, { contract: "market", functionName: "statusOf", args: [jobId] }),
  ]);
  const timeline = decodeMarketLogs(logs).filter(isAboutJob);
  const requested = timeline.find((fact) => fact.kind === "JobRequested");
  if (requested === undefined)
    throw new SdkError("JOB_UNKNOWN", `no job ${jobId} in this market: check the id and the chain`, {
      details: { jobId },
    });
  const { job, input } = requested;
  if (jobIdOf(client.deployment, job) !== jobId)
    throw new SdkError("FACT_MISSING", `the node's facts of job ${jobId} do not hash to its id`);
  const terms = jobTermsOf(job);
  return {
    jobId,
    job,
    terms,
    input: getBytes(input),
    level: terms.level,
    state: jobStateOf(status),
    status,
    timeline,
  };
}

function isAboutJob(fact: MarketFact): fact is JobFact {
  return ("jobId" in fact || "roundId" in fact) && fact.kind !== "SignedRequestUsed";
}
