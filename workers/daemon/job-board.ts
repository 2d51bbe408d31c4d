/**
 * The job board: the facts and views of all open jobs, in memory, in step with the journal, whoever writes that.
 *
 * A job is on the board from its first fact until it is `closed`; a later fact about a closed job (a callback, a
 * reorganisation) reads it back from the journal. Each entry has at most one action under way (`busy`) and a chain time
 * before which it need not be looked at (`lookAt`), which any new fact resets.
 */
import type { Fact, Hex } from "./facts.ts";
import type { JobView } from "./job/job-view.ts";
import { isUnfinished } from "./job/obligation.ts";
import { reduce } from "./job/reduce.ts";
import { type Journal, NO_JOB, type SubjectFact } from "./journal/journal.ts";

export interface JobEntry {
  readonly jobId: Hex;
  facts: readonly Fact[];
  view: JobView;
  /** An action is under way. */
  busy: boolean;
  /** The action is one that takes a place: running, proving, or binding this worker to prove. */
  working: boolean;
  /** Chain time before which there is nothing to do. */
  lookAt: number;
}

export interface JobBoard {
  /** Reads again what the journal holds of the jobs of these facts; drops those that are closed. */
  apply(facts: readonly SubjectFact[]): Promise<void>;
  entries(): Iterable<JobEntry>;
  get(jobId: Hex): JobEntry | undefined;
  /** All open jobs but this one. */
  beside(entry: JobEntry): readonly JobEntry[];
  /** Jobs in work, or for which this worker owes something that cannot wait for long. */
  unfinished(): number;
}

export async function createJobBoard(journal: Journal, workerId: number): Promise<JobBoard> {
  const entries = new Map<Hex, JobEntry>();
  let turn: Promise<unknown> = Promise.resolve();

  const load = async (jobId: Hex): Promise<void> => {
    const facts = await journal.factsOf(jobId);
    const entry = entries.get(jobId);
    if (entry === undefined) {
      entries.set(jobId, { jobId, facts, view: reduce(jobId, facts), busy: false, working: false, lookAt: 0 });
    } else if (facts.length > entry.facts.length) {
      entry.facts = facts;
      entry.view = reduce(jobId, facts);
      entry.lookAt = 0;
    }
  };
  /** Jobs whose facts are to be read: one that cannot be read now is read with the next ones. */
  const stale = new Set<Hex>();
  const apply = async (jobIds: Iterable<Hex>): Promise<void> => {
    for (const jobId of jobIds) stale.add(jobId);
    for (const jobId of stale) {
      await load(jobId);
      stale.delete(jobId);
    }
    for (const [jobId, entry] of entries) if (entry.view.closed && !entry.busy) entries.delete(jobId);
  };
  await apply(await journal.openJobs());

  return {
    apply(added) {
      const touched = added.map(({ job }) => job).filter((job) => job !== NO_JOB);
      // One after the other: a read that ends late must not bring back what a later one has replaced or dropped.
      const applied = turn.then(() => apply(touched));
      turn = applied.catch(() => undefined);
      return applied;
    },
    entries: () => entries.values(),
    get: (jobId) => entries.get(jobId),
    beside: (entry) => [...entries.values()].filter((other) => other !== entry),
    unfinished: () =>
      [...entries.values()].filter(({ working, view }) => working || (!view.closed && isUnfinished(view, workerId)))
        .length,
  };
}
