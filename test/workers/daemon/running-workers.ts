import { join } from "node:path";

import { pino } from "pino";

import { hexOf } from "../../../workers/daemon/chain/job-struct.ts";
import type { Fact } from "../../../workers/daemon/facts.ts";
import { openJournal, type RunningWorker, startWorker, type WorkerConfig } from "../../../workers/daemon/index.ts";
import { getJob, type JobFact } from "../../../workers/sdk/actions/get-job.ts";
import type { MarketChain } from "./market-chain.ts";

const logger = pino({ level: process.env["ASSAY_TEST_LOG"] ?? "silent" });

/** Starts workers on a chain for accounts by their index, and looks at what became of jobs. */
export function runWorkers(chain: MarketChain) {
  const running: RunningWorker[] = [];
  const directoryOf = (index: number): string => join(chain.directory, `worker-${index}`);
  const lockDirectory = join(chain.directory, "locks");

  const patiently = async <T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> => {
    for (let tries = 0; tries < 1200; tries++) {
      const found = await look();
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`no ${what}`);
  };
  const timelineOf = async (jobId: string): Promise<readonly JobFact[]> =>
    (await getJob(await chain.clientOf(9), { jobId })).timeline;

  return {
    directoryOf,
    lockDirectory,
    patiently,
    timelineOf,
    async start(index: number, overrides: Partial<WorkerConfig> = {}): Promise<RunningWorker> {
      const worker = await startWorker({
        deployment: chain.deployment,
        rpcUrls: [chain.url],
        signer: chain.wallet(index),
        directory: directoryOf(index),
        lockDirectory,
        stores: [chain.store],
        pollInterval: 50,
        proverThreads: 1,
        logger,
        ...overrides,
        policy: { claim: "never", recheckSeconds: 1, ...overrides.policy },
      });
      running.push(worker);
      return worker;
    },
    async stopAll(): Promise<void> {
      await Promise.all(running.splice(0).map((worker) => worker.stop()));
    },
    /** The job's facts on the chain once `count` of this kind are among them. */
    async until(jobId: string, kind: JobFact["kind"], count = 1): Promise<readonly JobFact[]> {
      let seen: readonly JobFact[] = [];
      const look = async (): Promise<readonly JobFact[] | undefined> => {
        seen = await timelineOf(jobId);
        return ofKind(seen, kind).length < count ? undefined : seen;
      };
      try {
        return await patiently(`${count} ${kind}`, look);
      } catch (cause) {
        throw new Error(`job ${jobId} has only ${seen.map((fact) => fact.kind).join(", ")}`, { cause });
      }
    },
    /** What a worker journaled about a job; a journal may be read while it is written. */
    async journaled(index: number, jobId: string): Promise<readonly Fact[]> {
      const workerKey = hexOf(chain.wallet(index).address);
      const identity = { chainId: chain.deployment.chainId, market: hexOf(chain.deployment.market), workerKey };
      const journal = openJournal(join(directoryOf(index), "journal.sqlite"), identity);
      try {
        return await journal.factsOf(hexOf(jobId));
      } finally {
        await journal.close();
      }
    },
  };
}
export type WorkerRunner = ReturnType<typeof runWorkers>;

/** The facts of one kind. */
export function ofKind<Kind extends JobFact["kind"]>(
  facts: readonly JobFact[],
  kind: Kind,
): readonly Extract<JobFact, { readonly kind: Kind }>[] {
  return facts.filter((fact): fact is Extract<JobFact, { readonly kind: Kind }> => fact.kind === kind);
}
