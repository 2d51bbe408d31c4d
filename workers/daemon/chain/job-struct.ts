import { type Job as ChainJob, CALLBACK_TIMES } from "../../sdk/job.ts";
import { levelNumber, levelOf } from "../../sdk/level.ts";
import type { Hex, Job } from "../facts.ts";

/** A job as the contracts take it, from the one in the journal. */
export function chainJob(job: Job): ChainJob {
  return {
    ...job,
    level: levelNumber(job.level),
    callbackAt: BigInt(CALLBACK_TIMES.indexOf(job.callbackAt)),
    callbackGas: BigInt(job.callbackGas),
    requestedAt: BigInt(job.requestedAt),
    deadline: BigInt(job.deadline),
    challengeWindow: BigInt(job.challengeWindow),
    copies: BigInt(job.copies),
    candidates: BigInt(job.candidates),
    outputBytes: BigInt(job.outputBytes),
  };
}

/** A job as the journal keeps it: enums by name, times and counts as numbers, addresses in lower case. */
export function readJob(job: ChainJob): Job {
  return {
    ...job,
    versionId: hexOf(job.versionId),
    inputHash: hexOf(job.inputHash),
    requester: hexOf(job.requester),
    consumer: hexOf(job.consumer),
    level: levelOf(job.level),
    callbackAt: CALLBACK_TIMES[Number(job.callbackAt)] ?? "Final",
    callbackGas: Number(job.callbackGas),
    requestedAt: Number(job.requestedAt),
    deadline: Number(job.deadline),
    challengeWindow: Number(job.challengeWindow),
    copies: Number(job.copies),
    candidates: Number(job.candidates),
    outputBytes: Number(job.outputBytes),
  };
}

/** Hex text of the chain, in lower case so that equal values are equal texts. Throws TypeError for anything else. */
export function hexOf(text: string): Hex {
  if (!/^0x[0-9a-fA-F]*$/.test(text)) throw new TypeError(`${text} is no hex text`);
  return `0x${text.slice(2).toLowerCase()}`;
}
