import type { Hex } from "../facts.ts";
import { WorkerError } from "../worker-error.ts";

/** Throws `JOURNAL_CORRUPT` for a column that holds something else. */
export function text(value: unknown): string {
  if (typeof value === "string") return value;
  throw new WorkerError("JOURNAL_CORRUPT", `the journal holds ${typeof value} where text belongs`);
}

/** Throws `JOURNAL_CORRUPT` for a column that holds something else. */
export function hexText(value: unknown): Hex {
  const found = text(value);
  if (found.startsWith("0x")) return `0x${found.slice(2)}`;
  throw new WorkerError("JOURNAL_CORRUPT", `the journal holds ${found} where a hash belongs`);
}
