/**
 * The soak: mixed jobs in waves on a real chain, three workers in processes of their own, of which one is killed
 * (SIGKILL) again and again where a plan says. What it does follows from plan and seed; how steps of different processes
 * interleave does not.
 *
 * A wave: request its jobs -> all are answered -> the challenged ones are challenged and proven -> time passes until
 * Vanilla answers are final -> all are settled. Chain time goes on between, by a block a second.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { xorshift } from "../../circuits/compiler/passes/xorshift.ts";
import { deployTo } from "../../test/local-deployment.ts";
import { type NodeKind, startNode } from "../../test/nodes.ts";
import { ENCLAVE, type MarketChain, openMarketChain } from "../../test/workers/daemon/market-chain.ts";
import type { Policy } from "../../workers/daemon/index.ts";
import { challenge } from "../../workers/sdk/actions/challenge.ts";
import { getJob } from "../../workers/sdk/actions/get-job.ts";
import { getStanding, type GetStandingReturnType } from "../../workers/sdk/actions/get-standing.ts";
import { request } from "../../workers/sdk/actions/request.ts";
import { serve } from "../../workers/sdk/actions/serve.ts";
import { type MarketWatch, watchMarket } from "../workload/market-watch.ts";
import { planJobs, type PlannedJob } from "../workload/mixed-jobs.ts";
import { type Memory, startWorkerFork, type WorkerFork } from "../workload/worker-fork.ts";
import type { CrashPlan } from "./crash-plan.ts";
import { journalSummary, type JournalSummary } from "./journal-summary.ts";

export interface SoakOptions {
  readonly jobs: number;
  readonly plan: CrashPlan;
  readonly claim: Policy["claim"];
  readonly seed: number;
  readonly node: NodeKind;
  /** Jobs asked for at once. */
  readonly wave: number;
  readonly progress: (line: string) => void;
}

export interface SoakedJob extends PlannedJob {
  readonly jobId: string;
}

export interface SoakRun {
  readonly jobs: readonly SoakedJob[];
  readonly watch: Pick<MarketWatch, "of">;
  readonly kills: number;
  readonly before: readonly GetStandingReturnType[];
  readonly after: readonly GetStandingReturnType[];
  readonly journals: readonly JournalSummary[];
  /** Of the workers that are not killed, after each wave. */
  readonly memory: readonly (readonly Memory[])[];
  readonly seconds: number;
}

const STEADY = [1, 2] as const;
const CRASHING = 3;
const WORKERS = [...STEADY, CRASHING] as const;
const REQUESTERS = [9, 10, 11, 12] as const;
/** In seconds. */
const CHALLENGE_WINDOW = 300;
/** In seconds: how long a busy machine takes for many starts of a process in a row is not what is tried. */
const WINDOWS = { revealWindow: 1800, evidenceWindow: 3600 };
/** Milliseconds. A machine that is busy with other things is slow, not wrong. */
const PATIENCE = 600_000;

export async function runSoak(options: SoakOptions): Promise<SoakRun> {
  const undo: (() => Promise<unknown>)[] = [];
  try {
    return await soak(options, undo);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

async function soak(options: SoakOptions, undo: (() => Promise<unknown>)[]): Promise<SoakRun> {
  const { jobs: count, plan, seed, node, wave, progress } = options;
  const chain = await startChain(node);
  undo.push(() => chain.close());
  const requester = await chain.clientOf(0);
  const watch = watchMarket(requester, 100);
  undo.push(() => watch.close());
  const ids: bigint[] = [];
  for (const index of WORKERS) ids.push(await enlist(chain, index));
  const standings = (): Promise<GetStandingReturnType[]> =>
    Promise.all(ids.map((workerId) => getStanding(requester, { workerId })));
  const before = await standings();

  const random = xorshift(seed);
  const steady: WorkerFork[] = [];
  undo.push(() => Promise.all(steady.map((fork) => fork.stop())));
  for (const index of STEADY) steady.push(await startFork(chain, index, options.claim));
  const crashing = await startFork(chain, CRASHING, options.claim, plan);
  undo.push(() => crashing.stop());
  // Time goes on although nobody sends anything.
  const heartbeat = setInterval(() => void chain.provider.send("evm_mine", []).catch(() => undefined), 1000);
  undo.push(() => {
    clearInterval(heartbeat);
    return Promise.resolve();
  });

  const began = performance.now();
  const seconds = (): number => Math.round((performance.now() - began) / 1000);
  const asked: SoakedJob[] = [];
  const memory: Memory[][] = [];
  while (asked.length < count && !plan.isOver()) {
    const jobs = await requestAll(chain, planJobs(chain, Math.min(wave, count - asked.length), random));
    asked.push(...jobs);
    await settleAll(chain, watch, jobs);
    const sizes = (await Promise.all(steady.map((fork) => fork.memory()))).filter((one) => one !== null);
    memory.push(sizes);
    const megabytes = sizes.map(({ rss }) => Math.round(rss / 1e6)).join(" and ");
    progress(`${asked.length} jobs settled after ${seconds()} s, ${crashing.kills()} kills, ${megabytes} MB`);
  }
  const took = seconds();
  await crashing.stop();
  steady.push(await startFork(chain, CRASHING, options.claim));
  const journals = await untilQuiet(chain);
  return {
    jobs: asked,
    watch,
    kills: crashing.kills(),
    before,
    after: await standings(),
    journals,
    memory,
    seconds: took,
  };
}

/** What is in the journals once the fate of every transaction is known; as they are if that does not come. */
async function untilQuiet(chain: MarketChain): Promise<readonly JournalSummary[]> {
  for (let tries = 0; ; tries++) {
    const journals = await Promise.all(WORKERS.map((index) => journalSummary(chain, index, directoryOf(chain, index))));
    if (tries > 60 || journals.every(({ pending }) => pending === 0)) return journals;
    await sleep(1000);
  }
}

async function startChain(kind: NodeKind): Promise<MarketChain> {
  const node = await startNode(kind);
  try {
    return await openMarketChain({ ...node, deployment: await deployTo(node.url, ENCLAVE.rootSecret, WINDOWS) });
  } catch (error) {
    await node.close();
    throw error;
  }
}

async function enlist(chain: MarketChain, index: number): Promise<bigint> {
  const workerId = await chain.enlist(index, chain.classifierId, ["Vanilla", "Tee", "Zkml"]);
  await serve(await chain.clientOf(index), { workerId, versionId: chain.regressorId, levels: ["Vanilla", "Tee"] });
  return workerId;
}

function directoryOf(chain: MarketChain, index: number): string {
  return join(chain.directory, `worker-${index}`);
}

/** Not killed without a plan. */
function startFork(
  chain: MarketChain,
  index: number,
  claim: Policy["claim"],
  plan: Pick<CrashPlan, "death" | "downFor"> = { death: () => null, downFor: () => 0 },
): Promise<WorkerFork> {
  return startWorkerFork({
    death: () => plan.death(),
    downFor: () => plan.downFor(),
    order: {
      deployment: chain.deployment,
      rpcUrls: [chain.url],
      privateKey: chain.wallet(index).privateKey,
      directory: directoryOf(chain, index),
      lockDirectory: join(chain.directory, "locks"),
      store: join(chain.directory, "store"),
      enclave: ENCLAVE,
      concurrency: 4,
      claim,
      postgres: null,
    },
  });
}

/** Each requester one after the other, all of them side by side. */
async function requestAll(chain: MarketChain, planned: readonly PlannedJob[]): Promise<SoakedJob[]> {
  const parts = await Promise.all(
    REQUESTERS.map(async (account, part) => {
      const client = await chain.clientOf(account);
      const jobs: SoakedJob[] = [];
      for (const job of planned.filter((_, at) => at % REQUESTERS.length === part))
        jobs.push({ ...job, jobId: (await request(client, job.request)).jobId.toLowerCase() });
      return jobs;
    }),
  );
  return parts.flat();
}

async function settleAll(chain: MarketChain, watch: MarketWatch, jobs: readonly SoakedJob[]): Promise<void> {
  const all = jobs.map(({ jobId }) => jobId);
  await watch.until(all, ["JobExecuted", "CopiesAgreed", "CopiesDisagreed", "JobFulfilled", "JobRefunded"], PATIENCE);
  const challenger = await chain.clientOf(REQUESTERS[0]);
  const challenged = jobs.filter(({ kind }) => kind === "Vanilla, challenged");
  for (const { jobId } of challenged) await challenge(challenger, { job: (await getJob(challenger, { jobId })).job });
  await watch.until(
    challenged.map(({ jobId }) => jobId),
    ["JobSettled", "JobRefunded"],
    PATIENCE,
  );
  await chain.passTime(CHALLENGE_WINDOW + 1);
  await watch.until(all, ["JobSettled", "JobRefunded"], PATIENCE);
}
