import type { Job } from "../facts.ts";

/** Windows in which only a drawn worker may act. */
export const PRIORITY_WINDOWS = 2;

/** The market's ramp: the least fee in the priority windows, then linear to the highest at the deadline, rounded down. */
export function feeAt(job: Job, priorityWindow: number, time: number): bigint {
  const start = job.requestedAt + PRIORITY_WINDOWS * priorityWindow;
  if (time <= start) return job.minFee;
  if (time >= job.deadline) return job.maxFee;
  return job.minFee + ((job.maxFee - job.minFee) * BigInt(time - start)) / BigInt(job.deadline - start);
}

/** What one worker gets of a fee: a copy's part, without royalty and protocol fee. */
export function workersPart(job: Job, fee: bigint): bigint {
  const rest = fee - job.royalty;
  const share = (fee * BigInt(job.feeBasisPoints)) / 10_000n;
  return (rest - (share < rest ? share : rest)) / BigInt(job.copies);
}

/** Of the stake that a liar loses, a challenger gets a quarter. */
export function bountyOf(jobStake: bigint): bigint {
  return jobStake / 4n;
}
