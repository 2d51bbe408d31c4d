import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import type { Hex } from "../facts.ts";
import { WorkerError } from "../worker-error.ts";

/** Shared by all workers of a machine that are not told otherwise. */
export function defaultLockDirectory(): string {
  return join(tmpdir(), "assay-locks");
}

/**
 * Holds a key for this process: two processes that sign with one key would use the same nonces and answer jobs twice.
 * The lock is an exclusive SQLite transaction that is never committed, so the operating system drops it with the
 * process, however that ends. Throws `KEY_IN_USE`.
 */
export function lockKey(directory: string, chainId: number, key: Hex): { release(): void } {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `worker-${chainId}-${key.toLowerCase()}.lock`);
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    throw new WorkerError("KEY_IN_USE", `another process runs a worker with key ${key} on chain ${chainId}`, {
      details: { path, key, chainId },
      cause,
    });
  }
  return {
    release() {
      if (database.isOpen) database.close();
    },
  };
}
