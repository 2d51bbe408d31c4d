import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { copyDatabase } from "../../daemon/index.ts";
import { GatewayError } from "../gateway-error.ts";
import { APPLICATION_ID } from "./schema.ts";

/** Name of the ledger in a gateway's directory. */
export const LEDGER_FILE = "ledger.sqlite";

/**
 * Copies the ledger of a gateway, which may run meanwhile, into a file that must not exist yet. False if the directory has none.
 * Throws `LEDGER_CORRUPT` and `BACKUP_EXISTS`.
 */
export async function backupLedger(directory: string, target: string): Promise<boolean> {
  const ledger = join(directory, LEDGER_FILE);
  if (!existsSync(ledger)) return false;
  await copyDatabase(ledger, target, requireLedger);
  return true;
}

function requireLedger(path: string): void {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const id = database.prepare("PRAGMA application_id").get()?.["application_id"];
    const health = database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
    if (id !== APPLICATION_ID || health !== "ok")
      throw new GatewayError("LEDGER_CORRUPT", `${path} is no sound ledger: ${String(health)}`);
  } finally {
    database.close();
  }
}
