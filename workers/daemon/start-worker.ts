import { join } from "node:path";

import type { Accounts } from "./accounts/accounts.ts";
import { chainTime } from "./chain/clock.ts";
import { createFollower } from "./chain/follower.ts";
import { watchHeads } from "./chain/head-watch.ts";
import { checkGenesis } from "./chain/market-check.ts";
import { createEconomics } from "./economics.ts";
import { createEnclave } from "./enclave/enclave.ts";
import { createDraining } from "./draining.ts";
import { createFactFeed, type FactFeed } from "./fact-feed.ts";
import type { Hex } from "./facts.ts";
import { gatherContext, unlessClosing } from "./gather-context.ts";
import type { JobView } from "./job/job-view.ts";
import { reduce } from "./job/reduce.ts";
import { createJobBoard } from "./job-board.ts";
import { createPrivateInputs } from "./inputs/private-inputs.ts";
import { serveInputs } from "./inputs/serve-inputs.ts";
import { type BlockMark, openJournal, type SubjectFact } from "./journal/journal.ts";
import { defaultLockDirectory, lockKey } from "./journal/key-lock.ts";
import { createHeartbeat } from "./observe/heartbeat.ts";
import { serveMonitor } from "./observe/serve-monitor.ts";
import { batchCall } from "./lane/batch.ts";
import { createNonceLane } from "./lane/nonce-lane.ts";
import { createOffMarket, type OffMarket } from "./off-market/off-market.ts";
import { createOwnSends } from "./off-market/own-sends.ts";
import { openMarket, settingsOf } from "./open-market.ts";
import { openVersions } from "./open-versions.ts";
import { createPulse } from "./pulse.ts";
import { perform } from "./steps/perform.ts";
import { createStandingWatch } from "./standing.ts";
import { createStopping, type StopOptions } from "./stopping.ts";
import { once, type UndoList, unwind } from "./undo.ts";
import { startWorkLoop } from "./work-loop.ts";
import { DEFAULTS, type WorkerConfig } from "./worker-config.ts";
import { statusOf, type WorkerStatus } from "./worker-status.ts";

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
  /** Where metrics and health are; null if they are not served. */
  readonly monitorUrl: string | null;
  /**
   * Ends cleanly: no new actions, those under way end or are left to the next start. May be called again: without time to
   * finish, that ends the waiting of an earlier call.
   */
  readonly stop: (options?: StopOptions) => Promise<void>;
  /** Resolves when the worker has stopped; rejects with the reason if it could not go on. */
  readonly done: Promise<void>;
}

/** Milliseconds that actions under way get at a stop before calls to the node are cut off. */
const GRACE = 3000;

/**
 * Starts a worker for a registered key and returns once it is ready to follow the chain. Throws `CONFIG_INVALID`, `KEY_IN_USE`,
 * `CHAIN_ID_MISMATCH`, `MARKET_MISSING`, `CHAIN_RESET`, `WORKER_NOT_REGISTERED`, `JOURNAL_CORRUPT`, `JOURNAL_NEWER`,
 * `JOURNAL_OTHER_WORKER`, and `RPC_UNREACHABLE`, `RPC_DISAGREEMENT`, `INPUTS_PORT`, `MONITOR_PORT`. Everything acquired puts its undo
 * on a list that is run in reverse, when starting fails as when the worker stops.
 */
export async function startWorker(config: WorkerConfig): Promise<RunningWorker> {
  const undo: UndoList = [];
  try {
    return await start(config, undo);
  } catch (error) {
    await unwind(undo);
    throw error;
  }
}

async function start(config: WorkerConfig, undo: UndoList): Promise<RunningWorker> {
  const known = settingsOf(config);
  const { settings, policy, logger, identity } = known;
  const { deployment, directory, faultPoints } = settings;
  const { chainId, workerKey } = identity;
  const lock = lockKey(config.lockDirectory ?? defaultLockDirectory(), chainId, workerKey);
  undo.push(() => lock.release());
  const market = await openMarket(known, undo);
  const { endpoint, client, terms } = market;
  const { id: workerId } = market.worker;

  const journal = openJournal(
    join(directory, "journal.sqlite"),
    identity,
    faultPoints === undefined ? {} : { faultPoints },
  );
  undo.push(() => journal.close());
  await checkGenesis(endpoint, journal);
  const board = await createJobBoard(journal, workerId);
  const feed = createFactFeed(logger);
  let now = 0;
  const take = async (fresh: readonly SubjectFact[]): Promise<void> => {
    lane.observe(fresh);
    economics.observe(fresh);
    feed.publish(fresh);
    await board.apply(fresh);
  };
  const record = async (facts: readonly SubjectFact[], whileKnown?: BlockMark): Promise<void> =>
    take(await journal.append(facts, whileKnown));

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
  const inputs = createPrivateInputs({ directory: join(directory, "inputs") });
  const inputsServer = config.inputs && (await serveInputs({ ...config.inputs, inputs, logger }));
  undo.push(() => inputsServer?.close());
  const { versions, files, quarantine } = await openVersions(market, inputs, undo);
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

  const draining = createDraining({
    client,
    endpoint,
    journal,
    lane,
    workerId,
    workerKey,
    recheckSeconds: policy.recheckSeconds,
    logger,
  });
  const standing = createStandingWatch({ client, endpoint, journal, lane, record, workerId, policy, logger });

  const heartbeat = createHeartbeat();
  const stopping = createStopping({
    unfinished: () => board.unfinished(),
    pause: settings.pollInterval,
    stopNow: () => stopNow(),
    logger,
  });
  const { isClosing } = stopping;
  const watching = { standing, board, economics, quarantine, follower, endpoint, heartbeat, isClosing };
  const status = (): WorkerStatus => statusOf(watching);
  const monitor = config.monitor && (await serveMonitor({ ...config.monitor, facts: feed, status, workerId, logger }));
  undo.push(() => monitor?.close());
  const pulse = createPulse(settings.pollInterval);
  const { websocketUrl } = config;
  const heads = websocketUrl && watchHeads({ url: websocketUrl, onHead: () => pulse.wake(), logger });
  undo.push(() => heads && heads.close());

  const head = (): number => follower.head();
  const sources = { endpoint, client, versions, terms, policy, inputs, enclave, head, worker, economics };
  const gather = gatherContext(sources);
  const performer = { client, economics, terms, lane, record, logger, deployment, workerKey, versions, enclave };
  const loop = startWorkLoop({
    follower,
    board,
    take,
    chainTime: async () => (now = await chainTime(endpoint)),
    gather: unlessClosing(gather, isClosing),
    besides: (entry, context) => economics.besides(board.beside(entry), context),
    perform: (view, action, at) => perform(performer, view, action, at),
    chores: [
      (at) => standing.tend(at),
      (at) => economics.tend(at),
      draining,
      () => ownSends.tend(),
      ...(enclave === null ? [] : [(at: number) => enclave.tend(at)]),
    ],
    heartbeat,
    recheckSeconds: policy.recheckSeconds,
    pulse,
    logger,
  });
  logger.info({ workerId, chainId, market: deployment.market, levels: policy.levels }, "worker started");

  const stopNow = once(async () => {
    logger.info("stopping");
    const cut = setTimeout(() => endpoint.close(), GRACE);
    // A proof under way would hold up the stop: it is made again after a restart.
    await Promise.all([loop.stop(), versions.close()]);
    clearTimeout(cut);
    await unwind(undo);
    logger.info("stopped");
  });
  const done = loop.done.finally(stopNow);
  done.catch(() => undefined);
  const get = async (jobId: Hex): Promise<JobView | null> => {
    const known = await journal.factsOf(jobId);
    return known.length === 0 ? null : reduce(jobId, known);
  };
  const beside = { workerId, workerKey, client, endpoint, versions, files, inputs, enclave, sends: ownSends };
  const offMarket = createOffMarket({ ...beside, now: () => now });
  const inputsUrl = inputsServer?.url ?? null;
  const accounts = (): Promise<Accounts> => economics.accounts();
  const monitorUrl = monitor?.url ?? null;
  const facts = { subscribe: feed.subscribe };
  const ends = { stop: stopping.stop, done };
  return { workerId, inputsUrl, monitorUrl, offMarket, status, accounts, facts, jobs: { get }, ...ends };
}
