import { type Job as ChainJob, jobTermsOf, packJob } from "../../sdk/job.ts";
import type { Hex, Job } from "../facts.ts";

/** A job as the contracts take it, from the one in the journal. */
export function chainJob(job: Job): ChainJob {
  return packJob({
    ...job,
    callbackGas: BigInt(job.callbackGas),
    requestedAt: BigInt(job.requestedAt),
    deadline: BigInt(job.deadline),
    challengeWindow: BigInt(job.challengeWindow),
    copies: BigInt(job.copies),
    candidates: BigInt(job.candidates),
    outputBytes: BigInt(job.outputBytes),
    feeBasisPoints: BigInt(job.feeBasisPoints),
  });
}

/** A job as the journal keeps it: unpacked, times and counts as numbers, addresses in lower case. */
export function readJob(packed: ChainJob): Job {
  const job = jobTermsOf(packed);
  return {
    ...job,
    versionId: hexOf(job.versionId),
    inputHash: hexOf(job.inputHash),
    requester: hexOf(job.requester),
    consumer: hexOf(job.consumer),
    callbackGas: Number(job.callbackGas),
    requestedAt: Number(job.requestedAt),
    deadline: Number(job.deadline),
    challengeWindow: Number(job.challengeWindow),
    copies: Number(job.copies),
    candidates: Number(job.candidates),
    outputBytes: Number(job.outputBytes),
    feeBasisPoints: Number(job.feeBasisPoints),
  };
}

/** Hex text of the chain, in lower case so that equal values are equal texts. Throws TypeError for anything else. */
export function hexOf(text: string): Hex {
  if (!/^0x[0-9a-fA-F]*$/.test(text)) throw new TypeError(`${text} is no hex text`);
  return `0x${text.slice(2).toLowerCase()}`;
}
