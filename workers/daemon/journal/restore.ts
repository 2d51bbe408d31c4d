import { copyFile, rename, rm } from "node:fs/promises";
import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

import type { Hex } from "../facts.ts";
import { WorkerError } from "../worker-error.ts";
import { syncFile } from "./backup.ts";
import { type JournalContents, readContents } from "./contents.ts";
import { requireSameWorker } from "./identity.ts";
import { lockKey } from "./key-lock.ts";
import { openJournalFile } from "./open-file.ts";

export interface RestoreOptions {
  /** A file that `backupJournal` wrote. */
  readonly backup: string;
  /** Where the worker has its journal. */
  readonly journal: string;
  /** The deployment that the worker works for. */
  readonly chainId: number;
  readonly market: Hex;
  /** As the worker's: nothing is restored under a worker that runs. */
  readonly lockDirectory: string;
  /** How many transactions the key has sent as far as the chain knows, those not mined yet included. */
  readonly transactionsSent: (key: Hex) => Promise<number>;
  /** Restore although the chain has transactions of the key that the backup does not know. */
  readonly acceptMissing: boolean;
}

export interface Restored {
  readonly contents: JournalContents;
  /** Where the journal is that was there before; null if there was none. */
  readonly before: string | null;
}

/**
 * Puts a backup in the place of a worker's journal. What was there before is kept beside it. Refuses
 *
 * - while the worker runs on this machine: `KEY_IN_USE`;
 * - a backup of another chain or market, or of another key than the journal's: `JOURNAL_OTHER_WORKER`;
 * - one with nothing that the journal lacks: `BACKUP_NOT_NEWER`; one that went another way: `BACKUP_DIVERGED`;
 * - one from before transactions that the key has sent: `BACKUP_BEHIND_CHAIN`. A worker that has forgotten what it signed may
 *   answer a job a second time, and cannot reveal what it committed to, which costs its stake.
 */
export async function restoreJournal(options: RestoreOptions): Promise<Restored> {
  const { backup, journal, chainId, market, lockDirectory } = options;
  const contents = readContents(backup);
  const { workerKey } = contents.identity;
  requireSameWorker(backup, contents.identity, { chainId, market, workerKey });
  const lock = lockKey(lockDirectory, chainId, workerKey);
  try {
    const present = presentJournal(journal);
    if (present !== null) {
      requireSameWorker(backup, contents.identity, present.identity);
      requireNewer(contents, present);
    }
    if (!options.acceptMissing) await requireUpToDate(contents, options);
    mkdirSync(dirname(journal), { recursive: true });
    const before = await keepBeside(journal, present !== null);
    const part = `${journal}.part`;
    await copyFile(backup, part);
    await syncFile(part);
    await rename(part, journal);
    return { contents: readContents(journal), before };
  } finally {
    lock.release();
  }
}

/** Null if there is none, or none that can be read: a damaged one is what backups are for. */
function presentJournal(path: string): JournalContents | null {
  if (!existsSync(path)) return null;
  try {
    return readContents(path);
  } catch (error) {
    if (error instanceof WorkerError && error.code === "JOURNAL_CORRUPT") return null;
    throw error;
  }
}

function requireNewer(backup: JournalContents, present: JournalContents): void {
  const shared = Math.min(backup.facts, present.facts);
  const details = { backup: backup.facts, journal: present.facts };
  if (backup.digestOf(shared) !== present.digestOf(shared))
    throw new WorkerError(
      "BACKUP_DIVERGED",
      `${backup.path} and ${present.path} have different facts: both were in use, and neither knows all that the key did`,
      { details },
    );
  if (backup.facts <= present.facts)
    throw new WorkerError(
      "BACKUP_NOT_NEWER",
      `${present.path} has all ${backup.facts} facts of ${backup.path}, and ${present.facts - backup.facts} more: keep it`,
      { details },
    );
}

async function requireUpToDate(
  { path, identity, highestNonce }: JournalContents,
  { transactionsSent }: RestoreOptions,
): Promise<void> {
  const known = highestNonce === null ? 0 : highestNonce + 1;
  const sent = await transactionsSent(identity.workerKey);
  if (sent <= known) return;
  throw new WorkerError(
    "BACKUP_BEHIND_CHAIN",
    `key ${identity.workerKey} has sent ${sent} transactions, ${path} knows of ${known}: a worker with this journal may answer ` +
      "jobs a second time and cannot reveal what it committed to since. Look for a newer copy; if those transactions were " +
      "no worker's (a registration, a withdrawal) or nothing is open that could cost stake, restore with --accept-missing",
    { details: { sent, known } },
  );
}

/**
 * Copies the present journal beside itself; then no log of it is left that the next reader could take for the restored
 * one's. Until the very end there is a journal in place: without one a worker would begin anew, knowing nothing.
 */
async function keepBeside(journal: string, isReadable: boolean): Promise<string | null> {
  if (!existsSync(journal)) return null;
  // Whoever opens and closes a whole journal alone puts its log into it.
  if (isReadable) openJournalFile(journal, readContents(journal).identity).close();
  const before = `${journal}.before-${new Date().toISOString().replaceAll(/[:.]/g, "-")}`;
  for (const suffix of ["", "-wal", "-shm"]) {
    if (!existsSync(`${journal}${suffix}`)) continue;
    await copyFile(`${journal}${suffix}`, `${before}${suffix}`);
    await syncFile(`${before}${suffix}`);
  }
  for (const suffix of ["-wal", "-shm"]) await rm(`${journal}${suffix}`, { force: true });
  return before;
}
