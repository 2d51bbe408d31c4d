import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { copyDatabase } from "../../daemon/index.ts";
import { requireLedger } from "./open-file.ts";

/** Name of the ledger in a gateway's directory. */
export const LEDGER_FILE = "ledger.sqlite";

/**
 * Copies the ledger of a gateway, which may run meanwhile, into a file that must not exist yet. False if the directory has none.
 * Throws `LEDGER_CORRUPT`, `LEDGER_NEWER` and `BACKUP_EXISTS`.
 */
export async function backupLedger(directory: string, target: string): Promise<boolean> {
  const ledger = join(directory, LEDGER_FILE);
  if (!existsSync(ledger)) return false;
  readLedger(ledger);
  await copyDatabase(ledger, target, readLedger);
  return true;
}

function readLedger(path: string): void {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    requireLedger(path, database);
  } finally {
    database.close();
  }
}
