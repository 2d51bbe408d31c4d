/**
 * A process of a fleet: several machines that work for one worker key, by the parts and the rules of a single worker.
 *
 * ```
 *            chain                      PostgreSQL: journal and queue
 *   watcher  --logs, decisions--------> facts   tasks --> inference, prover --answers, evidence--> facts
 *      '---- reads every fact <-------- facts   tasks --> sender --signed, mined--> facts --> chain
 * ```
 * Any process may be killed at any time. The journal is all that has to last: a task that was not done is done by
 * another process, and one that was done twice has one effect, because the journal takes one answer for a job, and one
 * session at a time may write what the sender signs.
 */
import { join } from "node:path";

import { createFactFeed, type FactFeed } from "../fact-feed.ts";
import { createPrivateInputs } from "../inputs/private-inputs.ts";
import { defaultLockDirectory, lockKey } from "../journal/key-lock.ts";
import { openDatabase, type Session } from "../journal/postgres/database.ts";
import { openSchema } from "../journal/postgres/open-schema.ts";
import { secretsOfUrl } from "../observe/logger.ts";
import { serveMonitor } from "../observe/serve-monitor.ts";
import { openMarket, settingsOf } from "../open-market.ts";
import { openVersions } from "../open-versions.ts";
import { once, type UndoList, unwind } from "../undo.ts";
import { statusOfHand, type WorkerStatus } from "../worker-status.ts";
import { type Craft, startCraft } from "./craft.ts";
import { FLEET_DEFAULTS, type FleetConfig, type FleetRole, requireFleet } from "./fleet-config.ts";
import { type Leadership, type Leading, standForLeadership } from "./leadership.ts";
import type { ProcessParts } from "./process-parts.ts";
import { leadAsSender } from "./sender.ts";
import { openQueue } from "./task-queue.ts";
import { leadAsWatcher, type Watching } from "./watcher.ts";

export interface RunningFleetProcess {
  readonly workerId: number;
  /** Of the fleet, while this process watches; else of this process alone. */
  status(): WorkerStatus;
  /** Where metrics and health are; null if they are not served. */
  readonly monitorUrl: string | null;
  /** Of the roles of which one process acts at a time, those in which this one acts now. */
  leads(): readonly FleetRole[];
  /** Every fact of the fleet, while this process watches. */
  readonly facts: FactFeed;
  /** Ends cleanly: tasks under way end or are handed over. May be called again. */
  stop(): Promise<void>;
  /** Resolves when the process has stopped; rejects with the reason if it could not go on. */
  readonly done: Promise<void>;
}

/** Milliseconds between attempts to lead. */
const PAUSE = 500;

/** Throws as `startWorker` does, and `JOURNAL_UNREACHABLE`. */
export async function startFleetProcess(config: FleetConfig): Promise<RunningFleetProcess> {
  const undo: UndoList = [];
  try {
    return await start(config, undo);
  } catch (error) {
    await unwind(undo);
    throw error;
  }
}

async function start(config: FleetConfig, undo: UndoList): Promise<RunningFleetProcess> {
  requireFleet(config);
  const { schema, inferences, proofs } = { ...FLEET_DEFAULTS, ...config, ...config.postgres };
  const secrets = [...(config.secrets ?? []), ...secretsOfUrl(config.postgres.url)];
  const known = settingsOf({ ...config, secrets });
  const logger = known.logger.child({ roles: config.roles });
  const database = openDatabase({ url: config.postgres.url, logger });
  undo.push(() => database.close());
  await openSchema(database, schema, known.identity);
  await openQueue({ database, schema, logger });
  const market = await openMarket({ ...known, logger }, undo);
  const inputs = createPrivateInputs({ directory: join(config.directory, "inputs") });
  const { versions, quarantine } = await openVersions(market, inputs, undo);
  const feed = createFactFeed(logger);
  const parts: ProcessParts = { market, database, schema, versions, feed, logger };
  let watching: Watching | undefined;
  const hand = { endpoint: market.endpoint, quarantine };
  const status = (): WorkerStatus => watching?.status() ?? statusOfHand(hand);
  const { id: workerId } = market.worker;
  const monitor = config.monitor && (await serveMonitor({ ...config.monitor, facts: feed, status, workerId, logger }));
  undo.push(() => monitor?.close());

  const has = (role: FleetRole): boolean => config.roles.includes(role);
  const lead = (role: FleetRole, term: (session: Session) => Promise<Leading>): Leadership =>
    standForLeadership({ database, name: `${schema} ${role}`, lead: term, pause: PAUSE, logger });
  const leaderships = new Map<FleetRole, Leadership>();
  if (has("watcher"))
    leaderships.set(
      "watcher",
      lead("watcher", async (session) => {
        const leading = await leadAsWatcher(parts, inputs, session);
        watching = leading;
        return {
          done: leading.done,
          stop() {
            watching = undefined;
            return leading.stop();
          },
        };
      }),
    );
  if (has("sender"))
    leaderships.set(
      "sender",
      lead("sender", (session) => sendAlone(config, parts, session)),
    );
  const crafts: Craft[] = [];
  if (has("inference")) crafts.push(startCraft(parts, "inference", inferences));
  if (has("prover")) crafts.push(startCraft(parts, "prover", proofs));
  logger.info({ workerId, schema }, "fleet process started");

  const stop = once(async () => {
    logger.info("stopping");
    // A proof under way would hold up the stop: another process makes it.
    await Promise.all([...[...leaderships.values(), ...crafts].map((role) => role.stop()), versions.close()]);
    await unwind(undo);
    logger.info("stopped");
  });
  const ended = Promise.withResolvers<undefined>();
  undo.push(() => ended.resolve(undefined));
  const failed = [...leaderships.values()].map(({ done }) => done.then(() => ended.promise));
  const done = Promise.race([ended.promise, ...failed]).finally(stop);
  done.catch(() => undefined);
  return {
    workerId,
    monitorUrl: monitor?.url ?? null,
    status,
    leads: () => [...leaderships].flatMap(([role, leadership]) => (leadership.isLeading() ? [role] : [])),
    facts: { subscribe: feed.subscribe },
    stop,
    done,
  };
}

/** A worker with a journal of its own may use the same key on this machine: its lock keeps the sender out. */
async function sendAlone(config: FleetConfig, parts: ProcessParts, session: Session): Promise<Leading> {
  const { chainId, workerKey } = parts.market.identity;
  const lock = lockKey(config.lockDirectory ?? defaultLockDirectory(), chainId, workerKey);
  try {
    const leading = await leadAsSender(parts, session);
    return {
      done: leading.done,
      async stop() {
        await leading.stop();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
