import { keccak256 } from "ethers";

import type { Hex, Job } from "../facts.ts";
import type { JobView } from "../job/job-view.ts";
import { WorkerError } from "../worker-error.ts";

/**
 * What is to be computed. A node that tells another input than the one the job binds must not make a worker answer it,
 * least of all an enclave, whose node is often the one of somebody who would like to choose what it signs.
 */
export function requestOf({ jobId, job, input }: JobView): { readonly job: Job; readonly input: Hex } {
  if (job === null || input === null) throw new WorkerError("EXECUTION_FAILED", `job ${jobId} has no request`);
  const inputHash = keccak256(input);
  if (inputHash !== job.inputHash)
    throw new WorkerError("EXECUTION_FAILED", `the node's input of job ${jobId} is not the one that the job binds`, {
      retryable: true,
      details: { had: inputHash, needed: job.inputHash },
    });
  return { job, input };
}
