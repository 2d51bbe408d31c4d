/**
 * Leadership: of the processes that stand for a role, one acts.
 *
 * The leader holds an advisory lock in a session of its own. The server gives the lock up when that connection ends, so a
 * leader that is killed is followed at once, and one that lost its connection cannot write through it any more: what a
 * leader journals goes through this session, and a second leader begins to read only after the first one's last write.
 * ```
 * standing by --lock--> leading --connection lost--> standing by
 *                          '-- stop: ends what is under way, then lets go
 * ```
 */
import { setTimeout as sleep } from "node:timers/promises";

import type { Logger } from "pino";

import type { Database, Session } from "../journal/postgres/database.ts";
import { isFatal } from "../work-loop.ts";

export interface Leading {
  /** Rejects when it cannot go on, whoever leads. */
  readonly done: Promise<unknown>;
  stop(): Promise<void>;
}

export interface LeadershipOptions {
  readonly database: Database;
  /** What is led: one name, one leader in the database. */
  readonly name: string;
  readonly lead: (session: Session) => Promise<Leading>;
  /** Milliseconds between attempts. */
  readonly pause: number;
  readonly logger: Logger;
}

export interface Leadership {
  isLeading(): boolean;
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

export function standForLeadership(options: LeadershipOptions): Leadership {
  const { database, name, lead, pause, logger } = options;
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    stopping.signal.addEventListener("abort", () => resolve());
  });
  let leading = false;

  const tryLock = async (session: Session): Promise<boolean> => {
    const { rows } = await session.query("SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held", [name]);
    return rows[0]?.["held"] === true;
  };

  /** Stands by until the lock is held, leads until the session or the process ends. */
  const term = async (session: Session): Promise<void> => {
    while (!(await tryLock(session))) {
      if (stopping.signal.aborted) return;
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
    if (stopping.signal.aborted) return;
    const ours = await lead(session);
    leading = true;
    logger.info({ leads: name }, "leading");
    try {
      await Promise.race([session.lost, stopped, ours.done]);
    } finally {
      leading = false;
      await ours.stop();
      logger.info({ led: name }, "leads no more");
    }
  };

  const terms = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      let session: Session | undefined;
      try {
        session = await database.openSession();
        await term(session);
      } catch (error) {
        if (isFatal(error)) throw error;
        logger.warn({ leads: name, error: error instanceof Error ? error.message : String(error) }, "cannot lead now");
        await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
      } finally {
        await session?.close().catch(() => undefined);
      }
    }
  };

  const done = terms();
  done.catch(() => undefined);
  return {
    isLeading: () => leading,
    done,
    async stop() {
      stopping.abort();
      await done.catch(() => undefined);
    },
  };
}
