/**
 * Who is alive: each process that takes tasks holds an advisory lock under its name for as long as its connection stands.
 *
 * The queue remembers which process has taken a task, not whether that process still runs. A watcher looks whether the
 * names on taken tasks are still locked, and frees the tasks of those that are not, so that another process takes them
 * up within seconds. It looks twice: after a restart of PostgreSQL the living need a moment to lock their names again.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { makeWorkerUtils } from "graphile-worker";
import { escapeIdentifier } from "pg";
import type { Logger } from "pino";

import type { Database } from "../journal/postgres/database.ts";
import { queueSchema } from "./task-queue.ts";

export interface Presence {
  close(): Promise<void>;
}

export interface PresenceOptions {
  readonly database: Database;
  /** Of the journal. */
  readonly schema: string;
  readonly logger: Logger;
}

/** Milliseconds between attempts to lock a name, and between looks for the dead. */
const PAUSE = 1000;
/** The first of the two numbers of a name's lock. Any number would do. */
const NAMES = 0x4153;

/** Holds the lock of a name, and takes it again when the connection was lost. */
export function showPresence({ database, logger }: PresenceOptions, name: string): Presence {
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    stopping.signal.addEventListener("abort", () => resolve());
  });
  const show = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const session = await database.openSession().catch((error: unknown) => {
        logger.warn({ error: String(error) }, "presence cannot be shown now");
      });
      if (session === undefined) {
        await sleep(PAUSE, undefined, { signal: stopping.signal }).catch(() => undefined);
        continue;
      }
      await session.query("SELECT pg_advisory_lock($1, hashtext($2))", [NAMES, name]).catch(() => undefined);
      await Promise.race([session.lost, stopped]);
      await session.close().catch(() => undefined);
    }
  };
  const done = show();
  return {
    async close() {
      stopping.abort();
      await done;
    },
  };
}

/** Frees the tasks of processes that are gone. */
export async function startReaper({ database, schema, logger }: PresenceOptions): Promise<Presence> {
  const utils = await makeWorkerUtils({ pgPool: database.pool, schema: queueSchema(schema) });
  const jobs = `${escapeIdentifier(queueSchema(schema))}.jobs`;
  let missing: ReadonlySet<string> = new Set();

  const look = async (): Promise<void> => {
    const { rows } = await database.pool.query<{ name: string }>(
      `SELECT DISTINCT locked_by AS name FROM ${jobs} WHERE locked_by IS NOT NULL AND NOT EXISTS (
         SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
         WHERE locktype = 'advisory' AND datname = current_database() AND classid::bigint = $1
           AND objid::bigint = hashtext(locked_by)::bigint & 4294967295 AND granted)`,
      [NAMES],
    );
    const dead = rows.map(({ name }) => name).filter((name) => missing.has(name));
    missing = new Set(rows.map(({ name }) => name));
    if (dead.length === 0) return;
    logger.warn({ processes: dead }, "processes are gone: their tasks are free again");
    await utils.forceUnlockWorkers(dead);
  };
  const looking = setInterval(() => {
    look().catch((error: unknown) => logger.warn({ error: String(error) }, "the queue cannot be read now"));
  }, PAUSE);
  return {
    async close() {
      clearInterval(looking);
      await utils.release();
    },
  };
}
