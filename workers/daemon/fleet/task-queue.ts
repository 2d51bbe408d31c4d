/**
 * The queue of a fleet: graphile-worker in a PostgreSQL schema beside the journal's.
 *
 * Why this one: it wakes its workers by LISTEN/NOTIFY, so that a task starts within milliseconds, where pg-boss asks the
 * database at an interval; a task's key keeps the same decision from being queued twice; and what a dead process had
 * taken can be freed by the name of the process.
 *
 * Whoever asked for a task waits until it has ended: told on a channel, and by looking whether the queue still holds it,
 * because a notice may be lost with a connection. An error of a task is told in the notice and not kept by the queue: a
 * task that failed is decided anew. Only a process that died with it counts against a task (`mostDeaths`).
 */
import { EventEmitter } from "node:events";

import { type LogLevel, Logger as QueueLogger, makeWorkerUtils, runMigrations, runTaskList } from "graphile-worker";
import { escapeIdentifier } from "pg";
import type { Logger } from "pino";
import { z } from "zod";

import { AssayError } from "../../../circuits/format/error.ts";
import type { SubjectFact } from "../journal/journal.ts";
import type { Database, Session } from "../journal/postgres/database.ts";
import { WorkerError } from "../worker-error.ts";
import type { FleetRole } from "./fleet-config.ts";
import { isEndOf, keyOf, parseTask, roleFor, type Task } from "./task.ts";

export interface TaskQueue {
  /** Queues a task and resolves when it has ended, with or without new facts. Throws what it failed with. */
  run(task: Task, signal: AbortSignal): Promise<void>;
  /** Ends the waiting for tasks whose results these facts are. */
  noteFacts(facts: readonly SubjectFact[]): void;
  /** Tasks that wait or are under way, by role. */
  depth(): Promise<Readonly<Record<string, number>>>;
  close(): Promise<void>;
}

/** A process that takes tasks of a role. */
export interface TaskWorker {
  /** By which tasks that it has taken are told. */
  readonly id: string;
  /** Takes no more; resolves when those under way have ended. */
  stop(): Promise<void>;
}

export interface QueueOptions {
  readonly database: Database;
  /** Of the journal; the queue's is named after it. */
  readonly schema: string;
  readonly logger: Logger;
}

interface Waiter {
  readonly task: Task;
  readonly ended: PromiseWithResolvers<undefined>;
  isQueued: boolean;
}

/** How many processes may die with a task before it is given up: a model that kills whatever runs it. */
const MOST_DEATHS: Readonly<Record<Exclude<FleetRole, "watcher">, number>> = { inference: 5, prover: 5, sender: 1000 };
/** Milliseconds between looks whether the queue still holds what is waited for. */
const LOOK = 1000;

const notice = z.strictObject({
  key: z.string(),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
});

/** Where the queue of a journal is. */
export const queueSchema = (schema: string): string => `${schema}_queue`;
const endedChannel = (schema: string): string => `${schema}_ended`;

/** Makes the tables of the queue. Several processes may do so at once. */
export async function openQueue({ database, schema, logger }: QueueOptions): Promise<void> {
  await database.transaction(async (client) => {
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [queueSchema(schema)]);
    await runMigrations({ pgPool: database.pool, schema: queueSchema(schema), logger: quiet(logger) });
  });
}

/** The side that asks for tasks. `session` hears of their ends. */
export async function createTaskQueue(options: QueueOptions & { readonly session: Session }): Promise<TaskQueue> {
  const { database, schema, logger, session } = options;
  const utils = await makeWorkerUtils({
    pgPool: database.pool,
    schema: queueSchema(schema),
    logger: quiet(logger),
  });
  const jobs = `${escapeIdentifier(queueSchema(schema))}.jobs`;
  const waiting = new Map<string, Waiter>();
  const channel = endedChannel(schema);

  const end = (key: string, error: unknown = null): void => {
    const waiter = waiting.get(key);
    waiting.delete(key);
    if (error === null) waiter?.ended.resolve(undefined);
    else waiter?.ended.reject(error);
  };
  session.onNotice((on, message) => {
    if (on !== channel) return;
    const { key, error } = notice.parse(JSON.parse(message));
    end(key, error === null ? null : new TaskError(error.code, error.message));
  });
  await session.query(`LISTEN ${escapeIdentifier(channel)}`);

  const look = async (): Promise<void> => {
    const keys = [...waiting].flatMap(([key, { isQueued }]) => (isQueued ? [key] : []));
    if (keys.length === 0) return;
    const { rows } = await database.pool.query<{ id: string; key: string; given_up: boolean }>(
      `SELECT id, key, locked_at IS NULL AND attempts >= max_attempts AS given_up FROM ${jobs} WHERE key = ANY($1)`,
      [keys],
    );
    const held = new Map(rows.map((row) => [row.key, row]));
    for (const key of keys) {
      const row = held.get(key);
      if (row === undefined) end(key);
      else if (row.given_up) {
        await utils.completeJobs([row.id]);
        end(key, new WorkerError("TASK_GIVEN_UP", `every process that took it up died: ${key}`));
      }
    }
  };
  const looking = setInterval(() => {
    look().catch((error: unknown) => logger.warn({ error: String(error) }, "the queue cannot be read now"));
  }, LOOK);

  return {
    async run(task, signal) {
      signal.throwIfAborted();
      const key = keyOf(task);
      const role = roleFor(task);
      const spec = { jobKey: key, jobKeyMode: "unsafe_dedupe", maxAttempts: MOST_DEATHS[role] } as const;
      // It may have ended before the answer to its queueing is here.
      const waiter = waiting.get(key) ?? { task, ended: Promise.withResolvers<undefined>(), isQueued: false };
      waiting.set(key, waiter);
      waiter.ended.promise.catch(() => undefined);
      const abort = (): void => end(key, new WorkerError("WORKER_STOPPING", "the watcher is stopping"));
      signal.addEventListener("abort", abort, { once: true });
      try {
        await utils.addJob(role, task, spec);
        waiter.isQueued = true;
        await waiter.ended.promise;
      } catch (error) {
        waiting.delete(key);
        throw error;
      } finally {
        signal.removeEventListener("abort", abort);
      }
    },
    noteFacts(facts) {
      for (const entry of facts) for (const [key, { task }] of waiting) if (isEndOf(task, entry)) end(key);
    },
    async depth() {
      const { rows } = await database.pool.query<{ task_identifier: string; count: string }>(
        `SELECT task_identifier, count(*) AS count FROM ${jobs} GROUP BY task_identifier`,
      );
      return Object.fromEntries(rows.map((row) => [row.task_identifier, Number(row.count)]));
    },
    async close() {
      clearInterval(looking);
      await utils.release();
    },
  };
}

export interface TaskWorkerOptions extends QueueOptions {
  readonly role: Exclude<FleetRole, "watcher">;
  /** Tasks at once. */
  readonly concurrency: number;
  /** Milliseconds between looks at the queue, for tasks that no notice told of. */
  readonly pollInterval: number;
  readonly work: (task: Task) => Promise<void>;
}

/** The side that does tasks of a role. */
export function startTaskWorker(options: TaskWorkerOptions): TaskWorker {
  const { database, schema, logger, role, concurrency, pollInterval, work } = options;
  const events = new EventEmitter();
  const failures = new Map<string, { readonly code: string; readonly message: string }>();
  const underWay = new Map<string, Promise<void>>();
  /** A task that was taken for dead comes a second time: it is the one that is under way. */
  const workOnce = async (task: Task): Promise<void> => {
    const key = keyOf(task);
    const working = underWay.get(key) ?? work(task);
    underWay.set(key, working);
    try {
      await working;
    } finally {
      underWay.delete(key);
    }
  };
  const pool = runTaskList(
    {
      pgPool: database.pool,
      schema: queueSchema(schema),
      concurrency,
      pollInterval,
      noHandleSignals: true,
      logger: quiet(logger),
      events,
    },
    {
      [role]: async (payload, { job }) => {
        try {
          await workOnce(parseTask(payload));
        } catch (error) {
          const code = error instanceof AssayError ? error.code : "UNEXPECTED";
          const message = error instanceof Error ? error.message : String(error);
          logger.warn({ role, task: job.key, code, error: message }, "a task failed");
          failures.set(job.id, { code, message });
        }
      },
    },
    database.pool,
  );
  pool.promise.catch((error: unknown) => logger.error({ role, error: String(error) }, "tasks are taken no more"));
  // Told once the queue holds it no more, so that the same decision can be queued again.
  events.on("job:complete", ({ job }: { readonly job: { readonly id: string; readonly key: string | null } }) => {
    const error = failures.get(job.id) ?? null;
    failures.delete(job.id);
    database.pool
      .query("SELECT pg_notify($1, $2)", [endedChannel(schema), JSON.stringify({ key: job.key, error })])
      .catch((cause: unknown) => logger.warn({ error: String(cause) }, "the end of a task was not told"));
  });
  return { id: pool.id, stop: async () => pool.gracefulShutdown("stopping") };
}

/** What another process failed with; its code is that of the error there. */
export class TaskError extends AssayError {
  constructor(code: string, message: string) {
    super(code, message, { retryable: true });
  }
}

const LEVELS: Readonly<Record<string, "error" | "warn" | "debug">> = { error: "error", warning: "warn" };

function quiet(logger: Logger): QueueLogger {
  return new QueueLogger(() => (level: LogLevel | `${LogLevel}`, message) => {
    logger[LEVELS[level] ?? "debug"]({ queue: true }, message);
  });
}
