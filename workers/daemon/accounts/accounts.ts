import type { Fact, FactKind, Hex } from "../facts.ts";
import { NO_JOB, type SubjectFact } from "../journal/journal.ts";
import { type Account, accountOf, NOTHING, type Owner } from "./job-account.ts";

/** Kinds of facts that accounts follow from. */
export const ACCOUNT_KINDS: readonly FactKind[] = [
  "requested",
  "executed",
  "challenged",
  "panel-judged",
  "paid",
  "seat-lost",
  "settled",
  "refunded",
  "revoked",
  "signed",
  "mined",
  "unmined",
];

export interface Accounts {
  /** Jobs that cost this worker something or brought it something, in the order in which they were first seen. */
  readonly jobs: ReadonlyMap<Hex, Account>;
  /** What belongs to no job: enrolments, returns to the draws. */
  readonly overhead: Account;
  readonly total: Account;
}

/** What a worker earned, paid for gas and lost, by job and in all: a fold of its journal. */
export function accounts(facts: readonly SubjectFact[], owner: Owner): Accounts {
  const bySubject = new Map<Hex, Fact[]>();
  for (const { job, fact } of facts) {
    const known = bySubject.get(job);
    if (known === undefined) bySubject.set(job, [fact]);
    else known.push(fact);
  }
  const jobs = new Map<Hex, Account>();
  for (const [jobId, ofJob] of bySubject) {
    const account = accountOf(jobId, ofJob, owner);
    if (jobId !== NO_JOB && !isEmpty(account)) jobs.set(jobId, account);
  }
  const overhead = accountOf(NO_JOB, bySubject.get(NO_JOB) ?? [], owner);
  return { jobs, overhead, total: [...jobs.values(), overhead].reduce(add, NOTHING) };
}

function add(one: Account, other: Account): Account {
  return {
    gasUsed: one.gasUsed + other.gasUsed,
    gasCost: one.gasCost + other.gasCost,
    earned: one.earned + other.earned,
    lost: one.lost + other.lost,
  };
}

function isEmpty({ gasUsed, earned, lost }: Account): boolean {
  return gasUsed === 0n && earned === 0n && lost === 0n;
}
