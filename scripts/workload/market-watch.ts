import { setTimeout as sleep } from "node:timers/promises";

import type { JobFact } from "../../workers/sdk/actions/get-job.ts";
import type { Client } from "../../workers/sdk/client.ts";
import { decodeMarketLogs } from "../../workers/sdk/facts.ts";
import { fetchLogs } from "../../workers/sdk/fetch-logs.ts";

/** A market fact and when it was first seen here, in milliseconds of `performance.now()`. */
export interface Sighting {
  readonly fact: JobFact;
  readonly at: number;
}

export interface MarketWatch {
  of(jobId: string): readonly Sighting[];
  has(jobId: string, kind: JobFact["kind"]): boolean;
  /** Resolves when each of the jobs has one of the kinds; rejects with those that have not after `patience` milliseconds. */
  until(jobs: readonly string[], kinds: readonly JobFact["kind"][], patience: number): Promise<void>;
  close(): Promise<void>;
}

/** Reads the market's facts about all jobs once, as they come, for many that wait for them. */
export function watchMarket(client: Client, interval: number): MarketWatch {
  const seen = new Map<string, Sighting[]>();
  let next = client.deployment.fromBlock;
  const closing = new AbortController();

  const read = async (): Promise<void> => {
    const toBlock = await client.provider.getBlockNumber();
    if (toBlock < next) return;
    const logs = await fetchLogs(client, { contract: "market", fromBlock: next, toBlock });
    next = toBlock + 1;
    const at = performance.now();
    for (const fact of decodeMarketLogs(logs)) {
      if (fact.kind === "SignedRequestUsed" || !("jobId" in fact || "roundId" in fact)) continue;
      const job = "jobId" in fact ? fact.jobId : fact.roundId;
      const known = seen.get(job) ?? [];
      known.push({ fact, at });
      seen.set(job, known);
    }
  };
  const reading = (async () => {
    while (!closing.signal.aborted) {
      await read();
      await sleep(interval);
    }
  })();
  reading.catch(() => undefined);

  const has = (jobId: string, kind: JobFact["kind"]): boolean =>
    (seen.get(jobId) ?? []).some(({ fact }) => fact.kind === kind);
  return {
    of: (jobId) => seen.get(jobId) ?? [],
    has,
    async until(jobs, kinds, patience) {
      const began = performance.now();
      for (;;) {
        const missing = jobs.filter((job) => !kinds.some((kind) => has(job, kind)));
        if (missing.length === 0) return;
        if (performance.now() - began > patience) {
          const told = missing.map((job) => `${job}: ${(seen.get(job) ?? []).map(({ fact }) => fact.kind).join(", ")}`);
          throw new Error(`no ${kinds.join(" or ")} after ${patience} ms for\n${told.join("\n")}`);
        }
        // An error of the reading ends the waiting.
        await Promise.race([sleep(interval), reading]);
      }
    },
    async close() {
      closing.abort();
      await reading;
    },
  };
}
