import type { Hex } from "../facts.ts";
import { WorkerError } from "../worker-error.ts";

/** Whose memory a journal is. */
export interface JournalIdentity {
  readonly chainId: number;
  readonly market: Hex;
  readonly workerKey: Hex;
}

/** Throws `JOURNAL_OTHER_WORKER`: acting on the wrong memory is how a worker answers twice. */
export function requireSameWorker(
  where: string,
  had: Readonly<Record<keyof JournalIdentity, unknown>>,
  needed: JournalIdentity,
): void {
  const same =
    had.chainId === needed.chainId &&
    had.market === needed.market.toLowerCase() &&
    had.workerKey === needed.workerKey.toLowerCase();
  if (same) return;
  throw new WorkerError(
    "JOURNAL_OTHER_WORKER",
    `${where} belongs to key ${String(had.workerKey)} on market ${String(had.market)} of chain ${String(had.chainId)}`,
    { details: { had, needed } },
  );
}

/** Throws `JOURNAL_NEWER` for a journal that this Assay cannot understand. */
export function requireKnownSchema(where: string, version: number, known: number): void {
  if (version <= known) return;
  throw new WorkerError("JOURNAL_NEWER", `${where} has schema ${version}, this Assay knows ${known}: update Assay`, {
    details: { version, known },
  });
}
