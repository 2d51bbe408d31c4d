import { existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";

import { WorkerError } from "../worker-error.ts";
import { type JournalContents, readContents } from "./contents.ts";

/**
 * Copies a journal into a file that must not exist yet, while its worker runs or not: the copy is the journal as it was at one
 * moment, and complete under its name or not there at all. It holds what the journal holds, salts included: keep it as
 * private. Throws `JOURNAL_CORRUPT` if the journal, or its copy, cannot be read, and `BACKUP_EXISTS`.
 */
export async function backupJournal(journal: string, target: string): Promise<JournalContents> {
  readContents(journal);
  return copyDatabase(journal, target, readContents);
}

/**
 * Copies a SQLite database that others may write to meanwhile, as it is at one moment; `check` reads the copy before it gets its
 * name. Throws `BACKUP_EXISTS`, and what `check` throws.
 */
export async function copyDatabase<T>(from: string, target: string, check: (copy: string) => T): Promise<T> {
  // An older copy is worth more than a failed attempt at a newer one.
  if (existsSync(target))
    throw new WorkerError("BACKUP_EXISTS", `${target} exists: name a new file for each backup`, {
      details: { path: target },
    });
  const part = `${target}.part`;
  await rm(part, { force: true });
  const source = new DatabaseSync(from, { readOnly: true });
  try {
    // One read transaction: whoever writes meanwhile neither waits nor shows in the copy.
    source.prepare("VACUUM INTO ?").run(part);
  } finally {
    source.close();
  }
  await syncFile(part);
  const checked = check(part);
  await rename(part, target);
  return checked;
}

/** SQLite does not wait for the disk when it writes a copy. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
