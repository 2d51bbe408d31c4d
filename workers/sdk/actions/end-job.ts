import { getBytes, type TransactionReceipt } from "ethers";

import { answerOf } from "../answer.ts";
import type { Client } from "../client.ts";
import { keptOutputHash } from "../round.ts";
import { expire } from "./expire.ts";
import { getJob, type GetJobReturnType } from "./get-job.ts";
import { getRound } from "./get-round.ts";
import { openReveals } from "./open-reveals.ts";
import { resolve } from "./resolve.ts";
import { settle } from "./settle.ts";
import { tally } from "./tally.ts";

export interface EndJobParameters {
  readonly jobId: string;
}
export type EndJobReturnType = TransactionReceipt;

/**
 * Takes the exit that anyone may take from a job's present state once it is due: `settle`, `expire`, `resolve`, and for
 * copies `openReveals` and `tally`. A job with copies or a panel needs more than one. Throws the contract's `JobNotDue`,
 * `RoundNotOver` (both retryable), `JobStateMismatch` for a job that is over, and `JOB_UNKNOWN`.
 *
 * @example
 * await endJob(client, { jobId });
 */
export async function endJob(client: Client, { jobId }: EndJobParameters): Promise<EndJobReturnType> {
  const found = await getJob(client, { jobId });
  const { job, level, state } = found;
  if (state === "Challenged") return resolve(client, { job });
  if (state === "Copying") return endRound(client, found);
  if (level !== "Vanilla" || state !== "Executed") return expire(client, { job });
  const answer = answerOf(found);
  return settle(client, { job, ...(answer && { output: getBytes(answer.output) }) });
}

async function endRound(client: Client, { jobId, job, timeline }: GetJobReturnType): Promise<TransactionReceipt> {
  const { phase, taken, quorum } = await getRound(client, { roundId: jobId });
  if (phase === "Committing") return taken.length < quorum ? expire(client, { job }) : openReveals(client, { job });
  const revealed = taken.filter(({ state }) => state === "Revealed").map(({ kept }) => kept);
  const majority = revealed.find((kept) => revealed.filter((other) => other === kept).length >= quorum);
  const output = timeline
    .filter((fact) => fact.kind === "Revealed")
    .find(({ outputHash }) => keptOutputHash(outputHash) === majority)?.output;
  return tally(client, { job, ...(output !== undefined && { output: getBytes(output) }) });
}
