import type { DeclineReason } from "./facts.ts";
import type { SubjectFact } from "./journal/journal.ts";

/** How often each reason was recorded for not working on a job, since the journal began. */
export type DeclineCounts = Readonly<Partial<Record<DeclineReason, number>>>;

export interface DeclineCounter {
  observe(facts: readonly SubjectFact[]): void;
  counts(): DeclineCounts;
}

export function countDeclines(facts: readonly SubjectFact[]): DeclineCounter {
  const counted: Partial<Record<DeclineReason, number>> = {};
  const observe = (fresh: readonly SubjectFact[]): void => {
    for (const { fact } of fresh) if (fact.kind === "declined") counted[fact.reason] = (counted[fact.reason] ?? 0) + 1;
  };
  observe(facts);
  return { observe, counts: () => ({ ...counted }) };
}
