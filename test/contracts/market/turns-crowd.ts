import { Result } from "ethers";

import type { RequestStruct } from "../../../types/ethers-contracts/contracts/interfaces/IInferenceMarket.ts";
import {
  addWorker,
  ETHER,
  ethers,
  type Job,
  MAX_FEE,
  networkHelpers,
  plainJob,
  requestJob,
  requestOf,
  served,
  type WorkerActor,
} from "../fixture.ts";

export type Crowded = Awaited<ReturnType<typeof crowded>>;
export type Served = Awaited<ReturnType<typeof served>>;

/** Four workers serve the version, with eight tickets each. */
export async function crowded() {
  const base = await served();
  const crowd = [base.worker];
  for (let index = 1; index < 4; index++) crowd.push(await addWorker(base, base.versionId, index));
  return { ...base, crowd };
}

/** The worker with this id. */
export function byId(crowd: readonly WorkerActor[], id: bigint): WorkerActor {
  const found = crowd.find((worker) => worker.id === id);
  if (found === undefined) throw new Error(`worker ${id} is not of the crowd`);
  return found;
}

/** The worker that has priority on a job now. */
export async function holderOf({ market, crowd }: Crowded, job: Job): Promise<WorkerActor> {
  return byId(crowd, (await market.drawnWorker(job)).workerId);
}

/** Asks until the worker is the first that is drawn. */
export async function jobFor(base: Served, worker: WorkerActor, overrides: Partial<RequestStruct> = {}) {
  for (let tries = 0; tries < 200; tries++) {
    const requested = await requestJob(base, overrides);
    if ((await base.market.drawnWorker(requested.job)).workerId === worker.id) return requested;
  }
  throw new Error("the worker was not drawn in 200 jobs");
}

const AT_ONCE = 125;

/** Jobs that one contract asks for, many to a block. */
export async function askedJobs({ market, versionId }: Served, count: number) {
  const asker = await ethers.deployContract("Asker");
  const ask = asker.getFunction("ask");
  const jobs: Job[] = [];
  for (let had = 0; had < count; had += AT_ONCE) {
    const times = Math.min(AT_ONCE, count - had);
    const value = BigInt(times) * MAX_FEE;
    if (value > ETHER) throw new Error("too much at once");
    await ask(market, requestOf(versionId, { timeToLive: 80_000n }), times, { value, gasLimit: 16_000_000n });
    const events = await market.queryFilter(market.filters.JobRequested(), "latest");
    jobs.push(...events.map(({ args }) => plainJob(args.job)));
  }
  await networkHelpers.mine();
  return { asker, jobs };
}

/** Who has priority on each of the jobs now; 0 for nobody. */
export async function drawnNow(
  { market }: Served,
  asker: Awaited<ReturnType<typeof askedJobs>>["asker"],
  jobs: readonly Job[],
): Promise<bigint[]> {
  const ids: bigint[] = [];
  for (let from = 0; from < jobs.length; from += AT_ONCE) {
    const page: unknown = await asker.getFunction("drawn").staticCall(market, jobs.slice(from, from + AT_ONCE));
    if (!(page instanceof Result)) throw new Error("the draws are not ethers' own");
    ids.push(...page.toArray().map((id) => BigInt(String(id))));
  }
  return ids;
}

/** Pearson's statistic of counts against the shares that they should have. */
export function chiSquare(counts: readonly number[], shares: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const whole = shares.reduce((sum, share) => sum + share, 0);
  return shares.reduce((sum, share, index) => {
    const expected = (total * share) / whole;
    return sum + ((counts[index] ?? 0) - expected) ** 2 / expected;
  }, 0);
}
