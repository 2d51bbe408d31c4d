import { read } from "../../sdk/access.ts";
import type { Client } from "../../sdk/client.ts";
import { isContractError } from "../../sdk/errors.ts";
import { levelNumber } from "../../sdk/level.ts";
import type { Version } from "../../sdk/version.ts";
import type { Job } from "../facts.ts";
import type { Context, Offer, PanelOffer } from "../job/context.ts";
import { feeAt, workersPart } from "../job/earnings.ts";
import type { Endpoint } from "./endpoint.ts";
import { chainJob } from "./job-struct.ts";
import { readTurn } from "./read-turn.ts";

/** What never changes while a worker runs. */
export interface MarketTerms {
  /** Seconds in which the first drawn worker has priority, and then the second. */
  readonly priorityWindow: number;
  /** Seconds that evidence, and the commitments of a panel, may take. */
  readonly evidenceWindow: number;
  readonly jobStake: bigint;
  readonly challengeBond: bigint;
  /** Settled in the chain's own coin; else an ERC-20. */
  readonly isNative: boolean;
}

export async function readMarketTerms({ agreed }: Endpoint, client: Client): Promise<MarketTerms> {
  const [found, currency] = await agreed("the market's parameters", (provider) =>
    Promise.all([
      read({ ...client, provider }, { contract: "market", functionName: "parameters", args: [] }),
      read({ ...client, provider }, { contract: "market", functionName: "currency", args: [] }),
    ]),
  );
  const { priorityWindow, evidenceWindow, jobStake, challengeBond } = found;
  return {
    priorityWindow: Number(priorityWindow),
    evidenceWindow: Number(evidenceWindow),
    jobStake,
    challengeBond,
    isNative: BigInt(currency) === 0n,
  };
}

/** Whether this worker serves a version at a level, as the next block would see it. */
export function readServing({ agreed }: Endpoint, client: Client, workerId: number, job: Job): Promise<boolean> {
  return agreed("what this worker serves", (provider) =>
    read(
      { ...client, provider },
      {
        contract: "workerRegistry",
        functionName: "isServing",
        args: [BigInt(workerId), job.versionId, levelNumber(job.level)],
        blockTag: "pending",
      },
    ),
  );
}

/** What is asked about a job. */
export interface JobQuestion {
  readonly job: Job;
  readonly worker: Context["worker"];
  readonly terms: MarketTerms;
  readonly now: number;
}

/** What taking a `Requested` job, or a seat of it, would mean for this worker in the next block. */
export async function readOffer(
  endpoint: Endpoint,
  client: Client,
  question: JobQuestion & { readonly version: Version },
): Promise<Offer> {
  const { job, worker, version, terms, now } = question;
  const [means, turn] = await endpoint.agreed("what a job offers", (provider) => {
    const asked = { ...client, provider };
    return Promise.all([readMeans(asked, worker.id), readTurn(asked, job, worker, terms.priorityWindow, now)]);
  });
  return {
    fee: workersPart(job, feeAt(job, terms.priorityWindow, now)),
    highestFee: workersPart(job, job.maxFee),
    price: means.price * version.terms.workUnits,
    draining: means.draining,
    freeStake: means.freeStake,
    jobStake: terms.jobStake,
    turn,
  };
}

/** What a seat in the panel that judges a job would mean for this worker in the next block. */
export async function readPanelOffer(
  endpoint: Endpoint,
  client: Client,
  { job, worker, terms }: JobQuestion,
): Promise<PanelOffer> {
  const [means, drawn] = await endpoint.agreed("a job's panel", (provider) => {
    const asked = { ...client, provider };
    return Promise.all([readMeans(asked, worker.id), readDrawn(asked, job, worker.id)]);
  });
  return { drawn, draining: means.draining, freeStake: means.freeStake, jobStake: terms.jobStake };
}

async function readDrawn(client: Client, job: Job, workerId: number): Promise<boolean | null> {
  const call = { contract: "market", functionName: "panelDraw", args: [chainJob(job)], blockTag: "pending" } as const;
  try {
    return (await read(client, call)).some((drawn) => Number(drawn) === workerId);
  } catch (error) {
    if (isContractError(error, "DrawNotReady")) return null;
    throw error;
  }
}

/** Stake that neither anchored receipts nor open jobs hold, and what the worker asks. */
async function readMeans(
  client: Client,
  workerId: number,
): Promise<{ readonly price: bigint; readonly draining: boolean; readonly freeStake: bigint }> {
  const args = [BigInt(workerId)] as const;
  const [worker, standing] = await Promise.all([
    read(client, { contract: "workerRegistry", functionName: "workerOf", args, blockTag: "pending" }),
    read(client, { contract: "market", functionName: "standingOf", args, blockTag: "pending" }),
  ]);
  const { price, draining, stake, reserved } = worker;
  return { price, draining, freeStake: stake - reserved - standing.bound };
}
