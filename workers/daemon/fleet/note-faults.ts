import { FAULT_CODES, type Quarantine } from "../execution/quarantine.ts";
import type { Hex } from "../facts.ts";
import type { SubjectFact } from "../journal/journal.ts";

/**
 * Faults of versions that other processes met: the watcher, who decides what is taken, reads them off the journal. Each
 * step that failed counts, also where one crash failed several.
 */
export function noteFaults(
  fresh: readonly SubjectFact[],
  versionOf: (jobId: Hex) => Hex | undefined,
  quarantine: Quarantine,
): void {
  for (const { job, fact } of fresh) {
    if (fact.kind !== "failed" || !FAULT_CODES.has(fact.code)) continue;
    const versionId = versionOf(job);
    if (versionId !== undefined) quarantine.note(versionId, fact.code);
  }
}
