import { tmpdir } from "node:os";
import { join } from "node:path";

import { destination, pino } from "pino";

import { createClient } from "../sdk/client.ts";
import { openEndpoint } from "./chain/endpoint.ts";
import { hexOf } from "./chain/job-struct.ts";
import { checkGenesis, checkMarket } from "./chain/market-check.ts";
import { replayBlocks, replayJob } from "./chain/replay.ts";
import type { Hex } from "./facts.ts";
import type { JobView } from "./job/job-view.ts";
import { openJournal, type SubjectFact } from "./journal/journal.ts";
import { lockKey } from "./journal/key-lock.ts";
import { DEFAULTS, policyOf, type WorkerConfig } from "./worker-config.ts";

/** From a block on, or the history of a job. */
export type ReplayTarget = { readonly block: number } | { readonly jobId: Hex };

export interface Replayed {
  /** What the journal lacked and has now. */
  readonly added: readonly SubjectFact[];
  /** The job as it is known now; null for blocks. */
  readonly view: JobView | null;
}

/**
 * Reads a stretch of the chain once more for a worker that does not run, and journals what is missing; its next start acts on it.
 * Throws what `startWorker` throws, `KEY_IN_USE` while the worker runs, and `REPLAY_INVALID`.
 */
export async function replay(
  config: WorkerConfig,
  target: ReplayTarget,
  onProgress?: (block: number) => void,
): Promise<Replayed> {
  policyOf(config);
  const settings = { ...DEFAULTS, ...config };
  const { deployment, rpcUrls: urls, rpcTimeout: timeout, rpcRetries: retries } = settings;
  const { chainId } = deployment;
  const workerKey = hexOf(settings.signer.address);
  const logger = config.logger ?? pino({ level: settings.logLevel }, destination(2));
  const lock = lockKey(config.lockDirectory ?? join(tmpdir(), "assay-locks"), chainId, workerKey);
  try {
    const endpoint = await openEndpoint({ urls, chainId, logger, timeout, retries, quorum: config.rpcQuorum });
    try {
      await checkMarket(endpoint, deployment);
      const client = await createClient({ provider: endpoint.provider, deployment });
      const identity = { chainId, market: hexOf(deployment.market), workerKey };
      const journal = openJournal(join(settings.directory, "journal.sqlite"), identity);
      try {
        await checkGenesis(endpoint, journal);
        const sources = { endpoint, client, journal };
        return "jobId" in target
          ? await replayJob(sources, target.jobId)
          : { added: await replayBlocks(sources, target.block, onProgress), view: null };
      } finally {
        await journal.close();
      }
    } finally {
      endpoint.close();
    }
  } finally {
    lock.release();
  }
}
