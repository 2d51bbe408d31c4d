/**
 * PostgreSQL as the worker uses it: a pool for what any connection may do, and sessions that hold a lock.
 *
 * A session's lock lives in the server's process for its connection: it ends with the connection, however that ends, and
 * a statement on a connection that is gone fails. What is written through the session of a lock was therefore written
 * while the lock was held.
 */
import pg, { type ClientBase } from "pg";
import type { Logger } from "pino";

import { WorkerError } from "../../worker-error.ts";

/** Runs statements together: all of them are durable, or none. */
export interface Transactions {
  transaction<T>(body: (client: ClientBase) => Promise<T>): Promise<T>;
}

export interface Database extends Transactions {
  readonly pool: pg.Pool;
  /** A connection of its own. */
  openSession(): Promise<Session>;
  close(): Promise<void>;
}

export interface Session extends Transactions {
  /** One statement, in its turn. */
  query(statement: string, values?: readonly unknown[]): Promise<pg.QueryResult<Record<string, unknown>>>;
  /** Calls with the name of a channel and what was said there; `LISTEN` first. */
  onNotice(listener: (channel: string, message: string) => void): void;
  /** Resolves when the connection is gone. */
  readonly lost: Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Such as `postgresql://user:password@host/database`; what it leaves out is from the environment (`PGPASSWORD`). */
  readonly url: string;
  readonly logger: Logger;
  /** Connections of the pool. */
  readonly connections?: number;
}

const SESSION = [
  // A role may be set to commit without waiting for the disk: what is signed must be there after a power cut.
  "synchronous_commit=on",
  // A machine that is gone says no farewell: its locks are free after about this long, instead of hours.
  "tcp_keepalives_idle=5",
  "tcp_keepalives_interval=3",
  "tcp_keepalives_count=3",
];

export function openDatabase({ url, logger, connections = 10 }: DatabaseOptions): Database {
  const settings = {
    connectionString: url,
    application_name: "assay-worker",
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    options: SESSION.map((setting) => `-c ${setting}`).join(" "),
  };
  const pool = new pg.Pool({ ...settings, max: connections });
  // An idle connection that ends is replaced by the next query.
  const onError = (error: Error): void => logger.warn({ error: error.message }, "a connection to PostgreSQL ended");
  pool.on("error", onError);
  pool.on("connect", (client) => client.on("error", onError));
  return {
    pool,
    async transaction(body) {
      const client = await reaching(pool.connect());
      try {
        const result = await inTransaction(client, body);
        client.release();
        return result;
      } catch (error) {
        // Whatever state the connection is in, it is not used again.
        client.release(true);
        throw reached(error);
      }
    },
    async openSession() {
      const client = new pg.Client(settings);
      const lost = Promise.withResolvers<undefined>();
      client.on("error", (error) => logger.warn({ error: error.message }, "a connection to PostgreSQL ended"));
      client.on("end", () => lost.resolve(undefined));
      await reaching(client.connect());
      let turn: Promise<unknown> = Promise.resolve();
      const inTurn = <T>(body: () => Promise<T>): Promise<T> => {
        const result = turn.then(() => reaching(body()));
        turn = result.catch(() => undefined);
        return result;
      };
      return {
        query: (statement, values = []) => inTurn(() => client.query(statement, [...values])),
        transaction: (body) => inTurn(() => inTransaction(client, body)),
        onNotice: (listener) =>
          void client.on("notification", ({ channel, payload }) => listener(channel, payload ?? "")),
        lost: lost.promise,
        close: () => client.end(),
      };
    },
    close: () => pool.end(),
  };
}

async function inTransaction<T>(client: ClientBase, body: (client: ClientBase) => Promise<T>): Promise<T> {
  await client.query("BEGIN");
  try {
    const result = await body(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    // It is undone by the server if this does not arrive.
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

async function reaching<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw reached(error);
  }
}

/** Connection exceptions, shutting down, starting up, too many connections. */
const AWAY = /^(08|57P0|53300)/;
const UNIQUE_VIOLATION = "23505";

/** What an error of the driver means to the worker. */
export function reached(error: unknown): unknown {
  if (error instanceof WorkerError) return error;
  const state = error instanceof pg.DatabaseError ? (error.code ?? "") : null;
  const message = error instanceof Error ? error.message : String(error);
  if (state === UNIQUE_VIOLATION)
    return new WorkerError("JOURNAL_CONFLICT", `the journal has another such fact: ${message}`, { cause: error });
  // What is no answer of the server is one that did not come.
  if (state === null || AWAY.test(state))
    return new WorkerError("JOURNAL_UNREACHABLE", `PostgreSQL did not answer: ${message}`, {
      retryable: true,
      cause: error,
    });
  return error;
}
