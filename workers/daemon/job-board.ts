/**
 * The job board: the facts and views of all open jobs, in memory, in step with the journal.
 *
 * A job is on the board from its first fact until it is `closed`; a later fact about a closed job (a callback, a
 * reorganisation) reads it back from the journal. Each entry has at most one action under way (`busy`) and a chain time
 * before which it need not be looked at (`lookAt`), which any new fact resets.
 */
import type { Fact, Hex } from "./facts.ts";
import type { JobView } from "./job/job-view.ts";
import { reduce } from "./job/reduce.ts";
import { type Journal, NO_JOB, type SubjectFact } from "./journal/journal.ts";

export interface JobEntry {
  readonly jobId: Hex;
  readonly facts: Fact[];
  view: JobView;
  /** An action is under way. */
  busy: boolean;
  /** The action is one that takes a place: running, proving, or binding this worker to prove. */
  working: boolean;
  /** Chain time before which there is nothing to do. */
  lookAt: number;
}

export interface JobBoard {
  /** Takes facts that the journal already holds. */
  apply(facts: readonly SubjectFact[]): void;
  entries(): Iterable<JobEntry>;
  /** All open jobs but this one. */
  beside(entry: JobEntry): readonly JobEntry[];
}

export function createJobBoard(journal: Journal): JobBoard {
  const entries = new Map<Hex, JobEntry>();

  const load = (jobId: Hex): void => {
    const facts = [...journal.factsOf(jobId)];
    entries.set(jobId, { jobId, facts, view: reduce(jobId, facts), busy: false, working: false, lookAt: 0 });
  };
  for (const jobId of journal.openJobs()) load(jobId);

  return {
    apply(added) {
      const fresh = new Set<Hex>();
      for (const { job, fact } of added) {
        if (job === NO_JOB) continue;
        const entry = entries.get(job);
        if (entry === undefined) {
          // The journal has all of them, those of this round included.
          load(job);
          fresh.add(job);
        } else if (!fresh.has(job)) {
          entry.facts.push(fact);
          entry.view = reduce(job, entry.facts);
          entry.lookAt = 0;
        }
      }
      for (const [jobId, entry] of entries) if (entry.view.closed && !entry.busy) entries.delete(jobId);
    },
    entries: () => entries.values(),
    beside: (entry) => [...entries.values()].filter((other) => other !== entry),
  };
}
