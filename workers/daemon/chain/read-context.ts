import { read } from "../../sdk/access.ts";
import type { Client } from "../../sdk/client.ts";
import { isContractError } from "../../sdk/errors.ts";
import { levelNumber } from "../../sdk/level.ts";
import type { Version } from "../../sdk/version.ts";
import type { Hex, Job } from "../facts.ts";
import type { Offer } from "../job/context.ts";
import type { Endpoint } from "./endpoint.ts";
import { chainJob } from "./job-struct.ts";

/** What never changes while a worker runs. */
export interface MarketTerms {
  /** Seconds from the request in which the drawn worker has priority. */
  readonly priorityWindow: number;
  readonly jobStake: bigint;
  readonly challengeBond: bigint;
}

export async function readMarketTerms({ retrying }: Endpoint, client: Client): Promise<MarketTerms> {
  const found = await retrying("the market's parameters", () =>
    read(client, { contract: "market", functionName: "parameters", args: [] }),
  );
  const { priorityWindow, jobStake, challengeBond } = found;
  return { priorityWindow: Number(priorityWindow), jobStake, challengeBond };
}

/** Whether this worker serves a version at a level, as the next block would see it. */
export function readServing({ retrying }: Endpoint, client: Client, workerId: number, job: Job): Promise<boolean> {
  return retrying("what this worker serves", () =>
    read(client, {
      contract: "workerRegistry",
      functionName: "isServing",
      args: [BigInt(workerId), job.versionId, levelNumber(job.level)],
      blockTag: "pending",
    }),
  );
}

export interface OfferQuestion {
  readonly jobId: Hex;
  readonly job: Job;
  readonly workerId: number;
  readonly version: Version;
  readonly terms: MarketTerms;
  readonly now: number;
}

/** What taking a `Requested` job would mean for this worker in the next block. */
export async function readOffer(endpoint: Endpoint, client: Client, question: OfferQuestion): Promise<Offer> {
  const { job, workerId, version, terms, now } = question;
  const [worker, protocolFee, draw] = await endpoint.retrying("what a job offers", () =>
    Promise.all([
      read(client, {
        contract: "workerRegistry",
        functionName: "workerOf",
        args: [BigInt(workerId)],
        blockTag: "pending",
      }),
      read(client, { contract: "market", functionName: "protocolFeeBasisPoints", args: [] }),
      readDraw(client, job),
    ]),
  );
  const earned = (fee: bigint): bigint => fee - job.royalty - (fee * protocolFee) / 10_000n;
  return {
    fee: earned(feeAt(job, terms.priorityWindow, now)),
    highestFee: earned(job.maxFee),
    price: worker.price * version.terms.workUnits,
    draining: worker.draining,
    freeStake: worker.stake - worker.bound,
    jobStake: terms.jobStake,
    draw,
  };
}

async function readDraw(client: Client, job: Job): Promise<Offer["draw"]> {
  try {
    const [workerId, until] = await read(client, {
      contract: "market",
      functionName: "drawnWorker",
      args: [chainJob(job)],
      blockTag: "pending",
    });
    return { workerId: Number(workerId), until: Number(until) };
  } catch (error) {
    if (isContractError(error, "DrawNotReady")) return null;
    throw error;
  }
}

/** The market's ramp: the least fee in the priority window, then linear to the highest at the deadline, rounded down. */
function feeAt(job: Job, priorityWindow: number, time: number): bigint {
  const start = job.requestedAt + priorityWindow;
  if (time <= start) return job.minFee;
  if (time >= job.deadline) return job.maxFee;
  return job.minFee + ((job.maxFee - job.minFee) * BigInt(time - start)) / BigInt(job.deadline - start);
}
