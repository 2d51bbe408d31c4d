import { populateWrite, read } from "../../sdk/access.ts";
import type { Client } from "../../sdk/client.ts";
import { ContractError, isContractError } from "../../sdk/errors.ts";
import { onChain } from "../../sdk/rpc-error.ts";
import type { Job } from "../facts.ts";
import type { Context, Turn } from "../job/context.ts";
import { PRIORITY_WINDOWS } from "../job/earnings.ts";
import { chainJob } from "./job-struct.ts";

/** Whose turn a job is in the next block; null while the draw is not open. */
export async function readTurn(
  client: Client,
  job: Job,
  worker: Context["worker"],
  priorityWindow: number,
  now: number,
): Promise<Turn | null> {
  const rank = Math.min(PRIORITY_WINDOWS, Math.floor((now - job.requestedAt) / priorityWindow));
  try {
    return job.copies === 1 ? await readHolder(client, job, rank) : await readSeatTurn(client, job, worker, rank);
  } catch (error) {
    if (isContractError(error, "DrawNotReady")) return null;
    throw error;
  }
}

async function readHolder(client: Client, job: Job, rank: number): Promise<Turn> {
  const [workerId, until] = await read(client, {
    contract: "market",
    functionName: "drawnWorker",
    args: [chainJob(job)],
    blockTag: "pending",
  });
  return { rank, holder: Number(workerId), until: Number(until) };
}

/** As many workers as there are copies are drawn: the market says who is not when it is asked to take a seat. */
async function readSeatTurn(client: Client, job: Job, worker: Context["worker"], rank: number): Promise<Turn> {
  const free = { rank, holder: 0, until: job.deadline };
  if (rank === PRIORITY_WINDOWS) return free;
  const { to, data } = populateWrite(client, {
    contract: "market",
    functionName: "commit",
    args: [chainJob(job), NO_COMMITMENT],
  });
  try {
    await onChain("market.commit", () => client.provider.call({ to, data, from: worker.key, blockTag: "pending" }));
  } catch (error) {
    if (isContractError(error, "NotDrawn"))
      return { rank, holder: Number(error.details["drawn"]), until: Number(error.details["until"]) };
    if (isContractError(error, "DrawNotReady") || !(error instanceof ContractError)) throw error;
    // What else stands in the way is found when the commitment is sent.
  }
  return free;
}

const NO_COMMITMENT = `0x${"00".repeat(32)}` as const;
