import type { JobFact } from "../../workers/sdk/actions/get-job.ts";
import type { Memory } from "../workload/worker-fork.ts";
import type { SoakRun, SoakedJob } from "./run-soak.ts";

export interface Check {
  readonly claim: string;
  readonly holds: boolean;
  /** What was counted or measured. */
  readonly found: string;
}

/**
 * Ratios that a process may grow by from the second quarter of the run to the last: caches fill up in the first. The heap
 * is measured after a collection; how much of it the system got back is the allocator's affair.
 */
const MOST_GROWTH = { heapUsed: 1.25, rss: 1.5 } as const;
/** Waves from which on these ratios say something. */
const LEAST_WAVES = 20;

/** Whether the run shows what a soak is for; each claim with what was found. */
export function judgeSoak({ jobs, watch, before, after, journals, memory }: SoakRun): readonly Check[] {
  const facts = (job: SoakedJob): readonly JobFact[] => watch.of(job.jobId).map(({ fact }) => fact);
  const count = (job: SoakedJob, ...kinds: readonly JobFact["kind"][]): number =>
    facts(job).filter(({ kind }) => kinds.includes(kind)).length;
  const those = (claim: string, isWrong: (job: SoakedJob) => boolean): Check => {
    const wrong = jobs.filter(isWrong);
    const named = wrong.slice(0, 5).map(({ jobId, kind }) => ` ${jobId} (${kind})`);
    return {
      claim,
      holds: wrong.length === 0,
      found: `${jobs.length - wrong.length} of ${jobs.length}${named.join("")}`,
    };
  };
  const none = (claim: string, found: readonly (number | bigint)[]): Check => ({
    claim,
    holds: found.every((one) => Number(one) === 0),
    found: found.join(", "),
  });
  const stakes = before.map(({ stake }, index) => (after[index]?.stake ?? 0n) - stake);
  return [
    those("every job is settled, once", (job) => count(job, "JobSettled") !== 1 || count(job, "JobRefunded") > 0),
    those("every job has one answer on the chain", (job) => answers(job, facts(job)) !== 1),
    those("every answer is the right one", (job) => outputs(facts(job)).some((output) => output !== job.output)),
    those("no seat of a round lost its stake", (job) => count(job, "SeatLost") > 0),
    none("no worker's stake changed, in wei", stakes),
    none(
      "no worker was slashed",
      after.map(({ slashed }) => slashed),
    ),
    none(
      "no stake is bound any more, in wei",
      after.map(({ bound }) => bound),
    ),
    none(
      "no nonce was used by bytes that its journal does not know",
      journals.map(({ lost }) => lost),
    ),
    none(
      "no transaction's fate is open",
      journals.map(({ pending }) => pending),
    ),
    ...(memory.length < LEAST_WAVES ? [] : [flatMemory(memory)]),
  ];
}

/** A challenged answer is fulfilled after it was executed: that is evidence for one answer, not a second one. */
function answers({ kind }: SoakedJob, facts: readonly JobFact[]): number {
  const executed = facts.filter((fact) => fact.kind === "JobExecuted" || fact.kind === "CopiesAgreed").length;
  const fulfilled = facts.filter((fact) => fact.kind === "JobFulfilled").length;
  return kind === "Vanilla, challenged" && fulfilled === 1 ? executed : executed + fulfilled;
}

function outputs(facts: readonly JobFact[]): string[] {
  return facts.flatMap((fact) =>
    fact.kind === "JobExecuted" || fact.kind === "JobFulfilled" || (fact.kind === "Revealed" && fact.output !== "0x")
      ? [fact.output]
      : [],
  );
}

function flatMemory(waves: readonly (readonly Memory[])[]): Check {
  const quarter = Math.floor(waves.length / 4);
  const growthOf = (size: keyof typeof MOST_GROWTH): number[] =>
    (waves[0] ?? []).map((_, worker) => {
      const sizes = waves.flatMap((wave) => wave[worker]?.[size] ?? []);
      return median(sizes.slice(-quarter)) / median(sizes.slice(quarter, 2 * quarter));
    });
  const [heap, rss] = [growthOf("heapUsed"), growthOf("rss")];
  const most = `below ${MOST_GROWTH.heapUsed} and ${MOST_GROWTH.rss} times`;
  return {
    claim: `memory and heap of those not killed are flat (last quarter to second: heap and all of it ${most})`,
    holds: heap.every((ratio) => ratio < MOST_GROWTH.heapUsed) && rss.every((ratio) => ratio < MOST_GROWTH.rss),
    found: [...heap, ...rss].map((ratio) => ratio.toFixed(2)).join(", "),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
