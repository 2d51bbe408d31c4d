import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

import { WorkerError } from "../worker-error.ts";
import type { JournalIdentity } from "./identity.ts";
import { requireJournal } from "./open-file.ts";

/** What is in a journal's file, without acting on it. */
export interface JournalContents {
  readonly path: string;
  readonly identity: JournalIdentity;
  /** Number of the newest fact; 0 if there is none. Facts are numbered without gaps from 1. */
  readonly facts: number;
  /** When the newest fact was recorded, by the clock of its machine; milliseconds. */
  readonly recordedAt: number | null;
  /** The highest nonce that its key signed, as far as it knows. */
  readonly highestNonce: number | null;
  /** SHA-256 of the first `count` facts. */
  digestOf(count: number): string;
}

/** Throws `JOURNAL_CORRUPT` or `JOURNAL_NEWER`; changes nothing. */
export function readContents(path: string): JournalContents {
  if (!existsSync(path)) throw new WorkerError("JOURNAL_CORRUPT", `there is no journal at ${path}`);
  return reading(path, (database) => {
    const identity = requireJournal(path, database);
    const row = database
      .prepare(
        `SELECT MAX(sequence) AS facts, MAX(recorded_at) AS at,
           MAX(CASE WHEN kind = 'signed' THEN json_extract(body, '$.nonce') END) AS nonce FROM facts`,
      )
      .get();
    const numberOr = (value: unknown): number | null => (value === null || value === undefined ? null : Number(value));
    return {
      path,
      identity,
      facts: numberOr(row?.["facts"]) ?? 0,
      recordedAt: numberOr(row?.["at"]),
      highestNonce: numberOr(row?.["nonce"]),
      digestOf: (count) => digestOf(path, count),
    };
  });
}

function digestOf(path: string, count: number): string {
  return reading(path, (database) => {
    const hash = createHash("sha256");
    const facts = database.prepare("SELECT sequence, job, kind, body FROM facts WHERE sequence <= ? ORDER BY sequence");
    for (const row of facts.iterate(count))
      hash.update(JSON.stringify([row["sequence"], row["job"], row["kind"], row["body"]]));
    return hash.digest("hex");
  });
}

function reading<T>(path: string, body: (database: DatabaseSync) => T): T {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    return body(database);
  } catch (cause) {
    if (cause instanceof WorkerError) throw cause;
    throw new WorkerError("JOURNAL_CORRUPT", `${path} cannot be read as a journal`, { cause });
  } finally {
    database?.close();
  }
}
