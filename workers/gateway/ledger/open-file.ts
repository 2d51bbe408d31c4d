import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { GatewayError } from "../gateway-error.ts";
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from "./schema.ts";

/** Whose ledger it is: vouchers and receipts count for exactly these. Addresses in any case. */
export interface LedgerIdentity {
  readonly chainId: number;
  readonly channels: string;
  readonly anchors: string;
  readonly workerKey: string;
  readonly payee: string;
}

/** Opens or creates the file. Throws `LEDGER_CORRUPT`, `LEDGER_NEWER` or `LEDGER_OTHER_GATEWAY`. */
export function openLedgerFile(path: string, identity: LedgerIdentity): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = reading(path, () => new DatabaseSync(path));
  try {
    // What a voucher is worth must not depend on the power: FULL waits for the disk at every commit.
    reading(path, () =>
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000"),
    );
    if (reading(path, () => number(database, "SELECT COUNT(*) FROM sqlite_schema")) === 0) create(database, identity);
    check(path, database, identity);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function create(database: DatabaseSync, identity: LedgerIdentity): void {
  // One transaction: a crash leaves either nothing or a complete ledger.
  database.exec(
    `BEGIN EXCLUSIVE; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; ${SCHEMA}`,
  );
  database.prepare("INSERT INTO identity VALUES (1, ?, ?, ?, ?, ?)").run(...partsOf(identity));
  database.exec("COMMIT");
}

/** Throws `LEDGER_CORRUPT` if an open file is no ledger or damaged, and `LEDGER_NEWER`. */
export function requireLedger(path: string, database: DatabaseSync): void {
  if (reading(path, () => number(database, "PRAGMA application_id")) !== APPLICATION_ID)
    throw new GatewayError("LEDGER_CORRUPT", `${path} is a database, but no ledger of a gateway`);
  const version = number(database, "PRAGMA user_version");
  if (version > SCHEMA_VERSION)
    throw new GatewayError(
      "LEDGER_NEWER",
      `${path} has schema ${version}, this Assay knows ${SCHEMA_VERSION}: update Assay`,
      { details: { version, known: SCHEMA_VERSION } },
    );
  const health = reading(path, () => database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"]);
  if (health !== "ok") throw new GatewayError("LEDGER_CORRUPT", `${path} is damaged: ${String(health)}`);
}

function check(path: string, database: DatabaseSync, identity: LedgerIdentity): void {
  requireLedger(path, database);
  const row = reading(path, () =>
    database.prepare("SELECT chain_id, channels, anchors, worker_key, payee FROM identity").get(),
  );
  const had = Object.values(row ?? {});
  if (!partsOf(identity).every((part, index) => part === had[index]))
    throw new GatewayError(
      "LEDGER_OTHER_GATEWAY",
      `${path} belongs to payee ${String(had[4])} and worker ${String(had[3])} on chain ${String(had[0])}: choose another directory`,
      { details: { had, needed: partsOf(identity) } },
    );
}

function partsOf({ chainId, channels, anchors, workerKey, payee }: LedgerIdentity): (number | string)[] {
  return [chainId, ...[channels, anchors, workerKey, payee].map((address) => address.toLowerCase())];
}

function number(database: DatabaseSync, query: string): number {
  const row = database.prepare(query).get();
  return Number(row === undefined ? Number.NaN : Object.values(row)[0]);
}

function reading<T>(path: string, body: () => T): T {
  try {
    return body();
  } catch (cause) {
    throw new GatewayError("LEDGER_CORRUPT", `${path} cannot be read as a ledger; restore it from a copy`, { cause });
  }
}
