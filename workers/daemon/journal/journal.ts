/**
 * The journal: every fact of one worker key on one market, and how far the chain was read. By default one SQLite file.
 *
 * Words
 * - **append**: one transaction, on the disk when the promise resolves (write-ahead log, synchronous FULL). What was
 *   not appended did not happen.
 * - **subject**: the job a fact is about; `NO_JOB` for the worker's own affairs (enrolment).
 * - **open job**: its latest fact is not `closed`.
 * - **cursor**: the blocks whose logs are in the journal, with their hashes, to notice a reorganisation.
 *
 * A file is: fresh (empty) -> of this worker -> closed. Opening refuses a file that is no journal or damaged
 * (`JOURNAL_CORRUPT`), written by a newer Assay (`JOURNAL_NEWER`), or of another chain, market or key
 * (`JOURNAL_OTHER_WORKER`): acting on the wrong memory is how a worker answers twice.
 */
import type { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";

import type { Fact, FactKind, Hex } from "../facts.ts";
import { type FaultPoints, noFaultPoints } from "../fault-point.ts";
import { WorkerError } from "../worker-error.ts";
import { hexText, text } from "./columns.ts";
import { factKey, placeOf, revocationsOf } from "./fact-key.ts";
import { decodeFact, encodeFact } from "./fact-text.ts";
import type { JournalIdentity } from "./identity.ts";
import { openJournalFile } from "./open-file.ts";

/** Subject of facts that belong to no job. */
export const NO_JOB: Hex = "0x";

export interface BlockMark {
  readonly number: number;
  readonly hash: Hex;
}

export interface SubjectFact {
  readonly job: Hex;
  readonly fact: Fact;
}

export interface Journal {
  /**
   * Durable when it resolves. A log fact that is already there is left out; returns what was new. Rejects a second answer,
   * or a second salt: `JOURNAL_CONFLICT`.
   * @param whileKnown a block without which the facts are no longer true: if it was rewound, nothing is appended.
   */
  append(facts: readonly SubjectFact[], whileKnown?: BlockMark): Promise<readonly SubjectFact[]>;
  /** Facts of a stretch of the chain together with the blocks they complete. */
  appendBlocks(facts: readonly SubjectFact[], blocks: readonly BlockMark[]): Promise<readonly SubjectFact[]>;
  /** Forgets blocks above `ancestor` and appends the facts that revoke what they held. */
  rewind(ancestor: number, facts: readonly SubjectFact[]): Promise<readonly SubjectFact[]>;
  factsOf(job: Hex): Promise<readonly Fact[]>;
  factsOfKinds(kinds: readonly FactKind[]): Promise<readonly SubjectFact[]>;
  /** What was appended after a place in the journal, in order, and the place of the last of it. */
  factsAfter(
    sequence: number,
    limit: number,
  ): Promise<{ readonly facts: readonly SubjectFact[]; readonly last: number }>;
  lastSequence(): Promise<number>;
  openJobs(): Promise<readonly Hex[]>;
  /** Newest first, at most `limit`. */
  blocks(limit: number): Promise<readonly BlockMark[]>;
  close(): Promise<void>;
}

/** Blocks kept to find the common ancestor after a reorganisation. */
export const KEPT_BLOCKS = 4096;

export function openJournal(
  path: string,
  identity: JournalIdentity,
  options: { faultPoints?: FaultPoints; clock?: () => number } = {},
): Journal {
  const database = openJournalFile(path, identity);
  const { faultPoints = noFaultPoints, clock = Date.now } = options;
  const insert = database.prepare(
    "INSERT OR FAIL INTO facts (recorded_at, chain_id, market, job, kind, log_key, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const knownLogs = database.prepare("SELECT COUNT(*) AS count FROM facts WHERE job = ? AND log_key = ?");
  const revocations = database.prepare("SELECT COUNT(*) AS count FROM facts WHERE job = ? AND log_key LIKE ?");
  const ofJob = database.prepare("SELECT body FROM facts WHERE job = ? ORDER BY sequence");
  const after = database.prepare("SELECT sequence, job, body FROM facts WHERE sequence > ? ORDER BY sequence LIMIT ?");
  const hasBlock = database.prepare("SELECT COUNT(*) AS count FROM blocks WHERE number = ? AND hash = ?");
  const setBlock = database.prepare("INSERT OR REPLACE INTO blocks (number, hash) VALUES (?, ?)");
  const dropAbove = database.prepare("DELETE FROM blocks WHERE number > ?");
  const prune = database.prepare("DELETE FROM blocks WHERE number < (SELECT MAX(number) FROM blocks) - ?");

  const insertFact = ({ job, fact }: SubjectFact): boolean => {
    const place = placeOf(fact);
    const key = factKey(fact, place === null ? 0 : count(revocations, job, `${revocationsOf(place)}%`));
    if (place !== null && key !== null && count(knownLogs, job, key) > 0) return false;
    insert.run(clock(), identity.chainId, identity.market, job, fact.kind, key, encodeFact(fact));
    return true;
  };
  const write = (
    facts: readonly SubjectFact[],
    { also, whileKnown }: { readonly also?: () => void; readonly whileKnown?: BlockMark | undefined },
  ): readonly SubjectFact[] => {
    if (!database.isOpen) throw new WorkerError("JOURNAL_CLOSED", "the journal is closed: the worker is stopping");
    for (const { fact } of facts) faultPoints(`before-${fact.kind}`);
    const fresh = transaction(path, database, () => {
      if (whileKnown !== undefined && count(hasBlock, whileKnown.number, whileKnown.hash) === 0) return [];
      const added = facts.filter(insertFact);
      also?.();
      return added;
    });
    for (const { fact } of fresh) faultPoints(`after-${fact.kind}`);
    return fresh;
  };

  return {
    append: (facts, whileKnown) => promised(() => write(facts, { whileKnown })),
    appendBlocks: (facts, blocks) =>
      promised(() => {
        if (blocks.length > 0) faultPoints("before-cursor");
        const also = (): void => {
          for (const { number, hash } of blocks) setBlock.run(number, hash);
          prune.run(KEPT_BLOCKS);
        };
        const fresh = write(facts, { also });
        if (blocks.length > 0) faultPoints("after-cursor");
        return fresh;
      }),
    rewind: (ancestor, facts) => promised(() => write(facts, { also: () => void dropAbove.run(ancestor) })),
    factsOf: (job) => promised(() => ofJob.all(job).map((row) => decodeFact(text(row["body"])))),
    factsOfKinds: (kinds) =>
      promised(() =>
        database
          .prepare(`SELECT job, body FROM facts WHERE kind IN (${kinds.map(() => "?").join(", ")}) ORDER BY sequence`)
          .all(...kinds)
          .map((row) => ({ job: hexText(row["job"]), fact: decodeFact(text(row["body"])) })),
      ),
    factsAfter: (sequence, limit) =>
      promised(() => {
        const rows = after.all(sequence, limit);
        const facts = rows.map((row) => ({ job: hexText(row["job"]), fact: decodeFact(text(row["body"])) }));
        return { facts, last: Number(rows.at(-1)?.["sequence"] ?? sequence) };
      }),
    lastSequence: () =>
      promised(() => Number(database.prepare("SELECT MAX(sequence) AS last FROM facts").get()?.["last"] ?? 0)),
    openJobs: () =>
      promised(() =>
        database
          .prepare(
            "SELECT job FROM facts WHERE job <> ? GROUP BY job HAVING MAX(sequence) > COALESCE(MAX(CASE WHEN kind = 'closed' THEN sequence END), 0) ORDER BY MIN(sequence)",
          )
          .all(NO_JOB)
          .map((row) => hexText(row["job"])),
      ),
    blocks: (limit) =>
      promised(() =>
        database
          .prepare("SELECT number, hash FROM blocks ORDER BY number DESC LIMIT ?")
          .all(limit)
          .map((row) => ({ number: Number(row["number"]), hash: hexText(row["hash"]) })),
      ),
    close: () =>
      promised(() => {
        if (database.isOpen) database.close();
      }),
  };
}

/** SQLite answers at once: done when the call returns, and an error is the promise's. */
function promised<T>(body: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(body());
  });
}

function transaction<T>(path: string, database: DatabaseSync, body: () => T): T {
  try {
    database.exec("BEGIN IMMEDIATE");
    const result = body();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // A disk that is full may have ended it already.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw typed(path, error);
  }
}

/** SQLite's code for what a unique index refuses. */
const CONSTRAINT_UNIQUE = 2067;
/** SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN; what is above a byte of a code is detail. */
const OF_THE_DISK: readonly number[] = [8, 10, 13, 14];

function typed(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return error;
  const { errcode, message } = error;
  if (errcode === CONSTRAINT_UNIQUE)
    return new WorkerError("JOURNAL_CONFLICT", `the journal has another such fact: ${message}`, { cause: error });
  if (!OF_THE_DISK.includes(errcode & 0xff)) return error;
  return new WorkerError(
    "JOURNAL_UNWRITABLE",
    `${path} cannot be written (${message}): nothing is signed or sent until it can. Free space on its disk`,
    { retryable: true, details: { path }, cause: error },
  );
}

function count(statement: StatementSync, ...parameters: (string | number)[]): number {
  return Number(statement.get(...parameters)?.["count"] ?? 0);
}
