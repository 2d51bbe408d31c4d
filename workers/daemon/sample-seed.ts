import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Hex } from "./facts.ts";
import { WorkerError } from "./worker-error.ts";

const FILE = "challenge-seed";
const BYTES = 32;

/** The worker's secret that says whose answers it checks: made at the first start, readable by its user alone. */
export function sampleSeed(directory: string): Hex {
  const path = join(directory, FILE);
  mkdirSync(directory, { recursive: true });
  try {
    writeFileSync(path, randomBytes(BYTES), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!isExisting(error)) throw error;
  }
  const seed = readFileSync(path);
  if (seed.length === BYTES) return `0x${seed.toString("hex")}`;
  throw new WorkerError("CONFIG_INVALID", `${path} has ${seed.length} bytes instead of ${BYTES}: remove it`);
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}
