import type { Hex } from "../facts.ts";
import { type CircuitSize, type Known, NO_TIMES, type Pace, paceOf } from "../job/pace.ts";
import type { Policy } from "../job/policy.ts";
import type { SubjectFact } from "../journal/journal.ts";

/** How long runs and proofs took, by version: what this machine has shown it can do. */
export interface Stopwatch {
  observe(facts: readonly SubjectFact[]): void;
  /** Size of a version's circuit, once its manifest was read. */
  noteSize(versionId: Hex, size: CircuitSize | null): void;
  paceOf(versionId: Hex): Pace;
}

/** Of each version the latest so many count: machines and models change. */
const KEPT = 9;

export function createStopwatch(facts: readonly SubjectFact[], policy: Policy): Stopwatch {
  const known = new Map<Hex, Known>();
  const of = (versionId: Hex): Known => known.get(versionId) ?? { size: null, times: NO_TIMES };
  const watch: Stopwatch = {
    observe(fresh) {
      for (const { fact } of fresh) {
        if ((fact.kind !== "answered" && fact.kind !== "evidence") || fact.versionId === undefined) continue;
        // An enclave's signature takes no time to speak of.
        if (fact.kind === "evidence" && fact.level !== "Zkml") continue;
        const { size, times } = of(fact.versionId);
        const which = fact.kind === "answered" ? "answers" : "proofs";
        const latest = [...times[which], fact.milliseconds].slice(-KEPT);
        known.set(fact.versionId, { size, times: { ...times, [which]: latest } });
      }
    },
    noteSize: (versionId, size) => void known.set(versionId, { ...of(versionId), size }),
    paceOf: (versionId) => paceOf(of(versionId), [...known.values()], policy),
  };
  watch.observe(facts);
  return watch;
}
