import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

import type { Hex } from "../facts.ts";
import { WorkerError } from "../worker-error.ts";
import { type JournalIdentity, requireKnownSchema, requireSameWorker } from "./identity.ts";
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from "./schema.ts";

/** Opens or creates the file. Throws `JOURNAL_CORRUPT`, `JOURNAL_NEWER` or `JOURNAL_OTHER_WORKER`. */
export function openJournalFile(path: string, identity: JournalIdentity): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true });
  const database = reading(path, () => new DatabaseSync(path));
  try {
    // A power cut must not lose a signed transaction: FULL waits for the disk at every commit.
    reading(path, () =>
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000"),
    );
    if (isFresh(path, database)) create(database, identity);
    check(path, database, identity);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function isFresh(path: string, database: DatabaseSync): boolean {
  return reading(path, () => number(database, "SELECT COUNT(*) FROM sqlite_schema")) === 0;
}

function create(database: DatabaseSync, { chainId, market, workerKey }: JournalIdentity): void {
  // One transaction: a crash leaves either nothing or a complete journal.
  database.exec(
    `BEGIN EXCLUSIVE; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; ${SCHEMA}`,
  );
  database
    .prepare("INSERT INTO identity VALUES (1, ?, ?, ?)")
    .run(chainId, market.toLowerCase(), workerKey.toLowerCase());
  database.exec("COMMIT");
}

function check(path: string, database: DatabaseSync, identity: JournalIdentity): void {
  requireSameWorker(path, requireJournal(path, database), identity);
}

/** Whose journal an open file is. Throws `JOURNAL_CORRUPT` if it is none or damaged, and `JOURNAL_NEWER`. */
export function requireJournal(path: string, database: DatabaseSync): JournalIdentity {
  if (reading(path, () => number(database, "PRAGMA application_id")) !== APPLICATION_ID)
    throw new WorkerError("JOURNAL_CORRUPT", `${path} is a database, but no journal of a worker`);
  requireKnownSchema(path, number(database, "PRAGMA user_version"), SCHEMA_VERSION);
  const health = reading(path, () => database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"]);
  if (health !== "ok") throw new WorkerError("JOURNAL_CORRUPT", `${path} is damaged: ${String(health)}`);
  const row = reading(path, () => database.prepare("SELECT chain_id, market, worker_key FROM identity").get());
  if (row === undefined) throw new WorkerError("JOURNAL_CORRUPT", `${path} does not say whose journal it is`);
  const address = (value: unknown): Hex => `0x${String(value).slice(2)}`;
  return {
    chainId: Number(row["chain_id"]),
    market: address(row["market"]),
    workerKey: address(row["worker_key"]),
  };
}

function number(database: DatabaseSync, query: string): number {
  const row = database.prepare(query).get();
  return Number(row === undefined ? Number.NaN : Object.values(row)[0]);
}

function reading<T>(path: string, body: () => T): T {
  try {
    return body();
  } catch (cause) {
    throw new WorkerError("JOURNAL_CORRUPT", `${path} cannot be read as a journal; restore it from a copy`, { cause });
  }
}
