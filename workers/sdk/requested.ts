import type { TransactionReceipt } from "ethers";

import type { Client } from "./client.ts";
import { decodeMarketLogs } from "./facts.ts";
import { findFact } from "./find-fact.ts";
import { type Job, type JobTerms, jobTermsOf } from "./job.ts";

/** A job that a transaction opened. */
export interface RequestReturnType {
  readonly jobId: string;
  /** What every later step takes. */
  readonly job: Job;
  /** The same, readable. */
  readonly terms: JobTerms;
  readonly transactionHash: string;
  readonly blockNumber: number;
}

export function requestedIn({ deployment }: Client, receipt: TransactionReceipt): RequestReturnType {
  const { jobId, job } = findFact(receipt, deployment.market, decodeMarketLogs, "JobRequested");
  const { hash: transactionHash, blockNumber } = receipt;
  return { jobId, job, terms: jobTermsOf(job), transactionHash, blockNumber };
}
