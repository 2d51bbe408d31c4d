import { tmpdir } from "node:os";
import { join } from "node:path";

import { destination, pino } from "pino";

import type { Accounts } from "./accounts/accounts.ts";
import { read } from "../sdk/access.ts";
import { type Client, createClient } from "../sdk/client.ts";
import { isContractError } from "../sdk/errors.ts";
import { LocalStore } from "../store/local-store.ts";
import { chainTime } from "./chain/clock.ts";
import { type Endpoint, openEndpoint } from "./chain/endpoint.ts";
import { createFollower } from "./chain/follower.ts";
import { hexOf } from "./chain/job-struct.ts";
import { readMarketTerms } from "./chain/read-context.ts";
import type { DeclineCounts } from "./count-declines.ts";
import { createEconomics } from "./economics.ts";
import { createEnclave } from "./enclave/enclave.ts";
import { createVersionCache } from "./execution/version-cache.ts";
import { createVersionFiles } from "./execution/version-files.ts";
import { createFactFeed, type FactFeed } from "./fact-feed.ts";
import type { Hex } from "./facts.ts";
import { gatherContext } from "./gather-context.ts";
import type { JobView } from "./job/job-view.ts";
import { reduce } from "./job/reduce.ts";
import { createJobBoard } from "./job-board.ts";
import { createPrivateInputs } from "./inputs/private-inputs.ts";
import { serveInputs } from "./inputs/serve-inputs.ts";
import { openJournal, type SubjectFact } from "./journal/journal.ts";
import { lockKey } from "./journal/key-lock.ts";
import { batchCall } from "./lane/batch.ts";
import type { Funds } from "./lane/gas-watch.ts";
import { createNonceLane } from "./lane/nonce-lane.ts";
import { createOffMarket, type OffMarket } from "./off-market/off-market.ts";
import { createOwnSends } from "./off-market/own-sends.ts";
import { perform } from "./steps/perform.ts";
import { createStandingWatch, type WorkerStanding } from "./standing.ts";
import { startWorkLoop } from "./work-loop.ts";
import { DEFAULTS, policyOf, type WorkerConfig } from "./worker-config.ts";
import { WorkerError } from "./worker-error.ts";

export interface WorkerStatus {
  /** What the market says of this worker, read every `policy.recheckSeconds`; null before the first time. */
  readonly standing: WorkerStanding | null;
  /** Jobs that are not closed. */
  readonly openJobs: number;
  /** The key's coins for gas; null before they were read. */
  readonly funds: Funds | null;
  /** Why jobs were not worked on, and how often, since the journal began. */
  readonly declined: DeclineCounts;
}

export interface RunningWorker {
  readonly workerId: number;
  /** Where requesters bring preimages; null if this worker takes none. */
  readonly inputsUrl: string | null;
  /** What it can do beside its jobs. */
  readonly offMarket: OffMarket;
  status(): WorkerStatus;
  /** What each job earned, lost and paid for gas, and all together: reads the whole journal. */
  accounts(): Promise<Accounts>;
  /** Every fact that the journal takes from now on, after it is durable. */
  readonly facts: FactFeed;
  readonly jobs: {
    /** What the journal knows of a job, closed ones included; null if it has never heard of it. */
    get(jobId: Hex): Promise<JobView | null>;
  };
  /** Ends cleanly: no new actions, those under way end or are left to the next start. May be called again. */
  stop(): Promise<void>;
  /** Resolves when the worker has stopped; rejects with the reason if it could not go on. */
  readonly done: Promise<void>;
}

/** Milliseconds that actions under way get at a stop before calls to the node are cut off. */
const GRACE = 3000;

/**
 * Starts a worker for a registered key and returns once it is ready to follow the chain. Throws `CONFIG_INVALID`, `KEY_IN_USE`,
 * `CHAIN_ID_MISMATCH`, `WORKER_NOT_REGISTERED`, `JOURNAL_CORRUPT`, `JOURNAL_NEWER`, `JOURNAL_OTHER_WORKER`, and
 * `RPC_UNREACHABLE`, `INPUTS_PORT`. Everything acquired puts its undo on a list that is run in reverse, when starting fails as when
 * the worker stops.
 */
export async function startWorker(config: WorkerConfig): Promise<RunningWorker> {
  const undo: (() => unknown)[] = [];
  try {
    return await start(config, undo);
  } catch (error) {
    await unwind(undo);
    throw error;
  }
}

async function start(config: WorkerConfig, undo: (() => unknown)[]): Promise<RunningWorker> {
  const settings = { ...DEFAULTS, ...config };
  const { deployment, rpcUrls, signer, directory, stores = [], faultPoints } = settings;
  const { chainId } = deployment;
  const policy = policyOf(config);
  const workerKey = hexOf(signer.address);
  const root = config.logger ?? pino({ level: settings.logLevel }, destination(2));
  const logger = root.child({ worker: workerKey });

  const lock = lockKey(config.lockDirectory ?? join(tmpdir(), "assay-locks"), chainId, workerKey);
  undo.push(() => lock.release());
  const { rpcTimeout: timeout, rpcRetries: retries } = settings;
  const endpoint = await openEndpoint({ urls: rpcUrls, chainId, logger, timeout, retries, quorum: config.rpcQuorum });
  undo.push(() => endpoint.close());
  const client = await createClient({ provider: endpoint.provider, deployment });
  const workerId = await readWorkerId(endpoint, client, workerKey);
  const terms = await readMarketTerms(endpoint, client);

  const identity = { chainId, market: hexOf(deployment.market), workerKey };
  const journal = openJournal(
    join(directory, "journal.sqlite"),
    identity,
    faultPoints === undefined ? {} : { faultPoints },
  );
  undo.push(() => journal.close());
  const board = await createJobBoard(journal);
  const feed = createFactFeed(logger);
  let now = 0;
  const take = async (fresh: readonly SubjectFact[]): Promise<void> => {
    lane.observe(fresh);
    economics.observe(fresh);
    feed.publish(fresh);
    await board.apply(fresh);
  };
  const record = async (facts: readonly SubjectFact[]): Promise<void> => take(await journal.append(facts));

  const worker = { id: workerId, key: workerKey };
  const economics = await createEconomics({ journal, endpoint, worker, terms, policy, directory, logger });
  const lane = await createNonceLane({
    ...settings,
    endpoint,
    journal,
    chainId,
    record,
    now: () => now,
    batchCall: (kind, items) => batchCall(client, kind, items),
    logger,
  });
  const ownSends = await createOwnSends({ journal, lane, feed });
  undo.push(() => ownSends.close());
  const follower = await createFollower({ ...settings, endpoint, journal, logger });
  const cache = new LocalStore(join(directory, "artifacts"));
  const files = createVersionFiles({ cache, stores, useVersionUri: settings.useVersionUri, logger });
  const prover = config.proverThreads === undefined ? {} : { threads: config.proverThreads };
  const inputs = createPrivateInputs({ directory: join(directory, "inputs") });
  const inputsServer = config.inputs && (await serveInputs({ ...config.inputs, inputs, logger }));
  undo.push(() => inputsServer?.close());
  const versions = createVersionCache({ client, endpoint, files, inputs, prover, warm: settings.warmVersions, logger });
  undo.push(() => versions.close());
  const enclave =
    config.enclave === undefined
      ? null
      : createEnclave({
          quoteProvider: config.enclave.quoteProvider,
          verifierId: config.enclave.verifierId,
          confirmations: settings.confirmations,
          renewBefore: config.enclave.renewBefore ?? DEFAULTS.renewBefore,
          retryAfter: policy.recheckSeconds,
          client,
          endpoint,
          journal,
          lane,
          workerKey,
          logger,
        });

  const standing = createStandingWatch({ client, endpoint, journal, lane, record, workerId, policy, logger });

  const performer = { client, economics, terms, lane, record, logger, deployment, workerKey, versions, enclave };
  const loop = startWorkLoop({
    follower,
    board,
    take,
    chainTime: async () => (now = await chainTime(endpoint)),
    gather: gatherContext({
      endpoint,
      client,
      versions,
      terms,
      policy,
      inputs,
      enclave,
      worker,
      economics,
    }),
    besides: (entry, context) => economics.besides(board.beside(entry), context),
    perform: (view, action, at) => perform(performer, view, action, at),
    chores: [
      (at) => standing.tend(at),
      (at) => economics.tend(at),
      () => ownSends.tend(),
      ...(enclave === null ? [] : [(at: number) => enclave.tend(at)]),
    ],
    pollInterval: settings.pollInterval,
    recheckSeconds: policy.recheckSeconds,
    logger,
  });
  logger.info({ workerId, chainId, market: deployment.market, levels: policy.levels }, "worker started");

  const stop = once(async () => {
    logger.info("stopping");
    const cut = setTimeout(() => endpoint.close(), GRACE);
    // A proof under way would hold up the stop: it is made again after a restart.
    await Promise.all([loop.stop(), versions.close()]);
    clearTimeout(cut);
    await unwind(undo);
    logger.info("stopped");
  });
  const done = loop.done.finally(stop);
  done.catch(() => undefined);
  const status = (): WorkerStatus => ({
    standing: standing.latest(),
    openJobs: [...board.entries()].length,
    funds: economics.funds(),
    declined: economics.declined(),
  });
  const get = async (jobId: Hex): Promise<JobView | null> => {
    const known = await journal.factsOf(jobId);
    return known.length === 0 ? null : reduce(jobId, known);
  };
  const beside = { workerId, workerKey, client, endpoint, versions, files, inputs, enclave, sends: ownSends };
  const offMarket = createOffMarket({ ...beside, now: () => now });
  const inputsUrl = inputsServer?.url ?? null;
  const accounts = (): Promise<Accounts> => economics.accounts();
  const facts = { subscribe: feed.subscribe };
  return { workerId, inputsUrl, offMarket, status, accounts, facts, jobs: { get }, stop, done };
}

async function readWorkerId({ retrying }: Endpoint, client: Client, key: Hex): Promise<number> {
  try {
    const found = await retrying("this worker's id", () =>
      read(client, { contract: "workerRegistry", functionName: "workerIdOf", args: [key] }),
    );
    return Number(found);
  } catch (error) {
    if (!isContractError(error, "WorkerUnknown")) throw error;
    throw new WorkerError("WORKER_NOT_REGISTERED", `key ${key} is no worker's: register it with stake first`, {
      cause: error,
    });
  }
}

async function unwind(undo: (() => unknown)[]): Promise<void> {
  for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
}

function once(body: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= body());
}
