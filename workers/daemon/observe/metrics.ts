/**
 * What a worker tells Prometheus. Counters follow the facts of the journal from this start on; gauges are read when somebody
 * asks. Amounts are in the currency's smallest unit, times in seconds.
 */
import { LRUCache } from "lru-cache";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

import type { NodeStatus } from "../chain/node.ts";
import type { Fact, FactOf, Level } from "../facts.ts";
import type { FactFeed } from "../fact-feed.ts";
import type { SubjectFact } from "../journal/journal.ts";
import type { WorkerStatus } from "../worker-status.ts";

export interface MetricsOptions {
  readonly facts: FactFeed;
  readonly status: () => WorkerStatus;
  readonly workerId: number;
  /** Milliseconds of this machine. */
  readonly clock?: () => number;
}

/** From a small model's run to the proof of a large one. */
const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
/** Jobs and transactions that are remembered to tell how long they took and to count them once. */
const REMEMBERED = 10_000;

export interface Metrics {
  readonly registry: Registry;
  readonly close: () => void;
}

export function createMetrics({ facts, status, workerId, clock = Date.now }: MetricsOptions): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ worker: String(workerId) });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = <T extends string>(name: string, help: string, labelNames: readonly T[] = []) =>
    new Counter({ name: `assay_${name}`, help, labelNames, registers });
  const histogram = <T extends string>(name: string, help: string, labelNames: readonly T[]) =>
    new Histogram({ name: `assay_${name}`, help, labelNames, buckets: SECONDS, registers });

  const requested = counter("jobs_requested_total", "Requests that the market announced, of anybody's versions", [
    "level",
  ]);
  const declined = counter("jobs_declined_total", "Times that this worker decided not to work on a job", ["reason"]);
  const answered = counter("jobs_answered_total", "Answers of this worker that the chain took", ["level"]);
  const settled = counter("jobs_settled_total", "Jobs for which this worker was paid");
  const lost = counter("jobs_lost_total", "Jobs that this worker was bound to and that ended in a refund");
  const fees = counter("fees_total", "What jobs of this worker paid, protocol fee and royalty included");
  const slashed = counter("stake_lost_total", "Stake that jobs of this worker cost it");
  const challenged = counter("challenges_total", "Answers of this worker for which evidence was demanded");
  const transactions = counter("transactions_total", "Transactions of the key, by what became of them", ["outcome"]);
  const signed = counter("transactions_signed_total", "Transactions signed, replacements included", ["send"]);
  const gas = counter("gas_used_total", "Gas of mined transactions");
  const failures = counter("step_failures_total", "Steps of jobs that did not work", ["step", "code"]);
  const revoked = counter("logs_revoked_total", "Logs whose blocks were orphaned by a reorganisation");
  const facted = counter("facts_total", "Facts that the journal took", ["kind"]);
  const execution = histogram("execution_seconds", "Time to run a model", ["executor"]);
  const evidence = histogram("evidence_seconds", "Time to make evidence", ["level"]);
  const latency = histogram("answer_seconds", "From a request's arrival here to this worker's answer on the chain", [
    "level",
  ]);

  const arrivals = new LRUCache<string, { readonly level: Level; readonly at: number }>({ max: REMEMBERED });
  const ours = new LRUCache<string, true>({ max: REMEMBERED });
  const mined = new LRUCache<string, true>({ max: REMEMBERED });

  const answeredBy = (job: string, by: number): void => {
    if (by !== workerId) return;
    ours.set(job, true);
    const arrival = arrivals.get(job);
    if (arrival === undefined) return;
    answered.inc({ level: arrival.level });
    latency.observe({ level: arrival.level }, (clock() - arrival.at) / 1000);
  };
  const countMined = ({ transactionHash, ok, gasUsed }: FactOf<"mined">): void => {
    // A batch is a fact of each of its jobs, and one transaction.
    if (mined.has(transactionHash)) return;
    mined.set(transactionHash, true);
    transactions.inc({ outcome: ok ? "mined" : "reverted" });
    gas.inc(Number(gasUsed));
  };
  /** What happened on the chain. */
  const noteLog = (job: string, fact: Fact): void => {
    switch (fact.kind) {
      case "requested":
        requested.inc({ level: fact.job.level });
        arrivals.set(job, { level: fact.job.level, at: clock() });
        break;
      case "executed":
      case "fulfilled":
        answeredBy(job, fact.workerId);
        break;
      case "settled":
        if (fact.workerId !== workerId) break;
        settled.inc();
        fees.inc(Number(fact.fee));
        break;
      case "refunded":
        if (fact.workerId !== workerId) break;
        lost.inc();
        slashed.inc(Number(fact.slashed));
        break;
      case "challenged":
        if (ours.has(job)) challenged.inc();
        break;
      case "revoked":
        revoked.inc();
        break;
      default:
        break;
    }
  };
  /** What this worker did. */
  const noteOwn = (fact: Fact): void => {
    switch (fact.kind) {
      case "declined":
        declined.inc({ reason: fact.reason });
        break;
      case "answered":
        execution.observe({ executor: fact.executor }, fact.milliseconds / 1000);
        break;
      case "evidence":
        evidence.observe({ level: fact.level }, fact.milliseconds / 1000);
        break;
      case "signed":
        signed.inc({ send: fact.send });
        break;
      case "mined":
        countMined(fact);
        break;
      case "rejected":
      case "lost":
      case "refused":
      case "unfunded":
        transactions.inc({ outcome: fact.kind });
        break;
      case "failed":
        failures.inc({ step: fact.step, code: fact.code });
        break;
      default:
        break;
    }
  };
  const unsubscribe = facts.subscribe(({ job, fact }: SubjectFact) => {
    facted.inc({ kind: fact.kind });
    noteLog(job, fact);
    noteOwn(fact);
  });
  addGauges(registry, status, clock);
  addNodeGauges(registry, status);
  return { registry, close: unsubscribe };
}

function addGauges(registry: Registry, status: () => WorkerStatus, clock: () => number): void {
  const gauge = (name: string, help: string, value: (now: WorkerStatus) => number | null): void => {
    // prom-client asks it at every scrape.
    new Gauge({
      name: `assay_${name}`,
      help,
      registers: [registry],
      collect() {
        const found = value(status());
        if (found === null) this.reset();
        else this.set(found);
      },
    });
  };
  gauge("open_jobs", "Jobs that are not closed", ({ openJobs }) => openJobs);
  gauge("unfinished_jobs", "Jobs in work, or for which this worker still owes something", (now) => now.unfinishedJobs);
  gauge(
    "quarantined_versions",
    "Versions set aside because they ended their processes",
    (now) => now.quarantined.length,
  );
  gauge("earned", "What the operator may take out", ({ standing }) => money(standing?.earned));
  gauge("stake_bound", "Stake that open business holds", ({ standing }) => money(standing?.bound));
  gauge("gas_balance", "Wei that the key holds for gas", ({ funds }) => money(funds?.balance));
  gauge("gas_jobs_left", "Jobs of the costliest level that it pays for", ({ funds }) => funds?.jobsLeft ?? null);
  gauge("jobs_done", "Jobs and panels done well, ever", ({ standing }) => standing?.done ?? null);
  gauge("turns_missed", "Turns let pass, ever", ({ standing }) => standing?.late ?? null);
  gauge("times_slashed", "Times that stake was lost, ever", ({ standing }) => standing?.slashed ?? null);
  gauge("suspended", "1 while it is suspended from the draws", ({ standing }) => flag(standing?.suspended));
  gauge("ready", "1 while it follows the chain and takes jobs", ({ health }) => flag(health.ready));
  gauge("chain_time", "Time of the newest block that was read", ({ beat }) => beat.chainTime);
  gauge("round_age_seconds", "Since the chain was last read to its end", ({ beat }) =>
    beat.succeededAt === null ? null : (clock() - beat.succeededAt) / 1000,
  );
}

/** A gauge of each node that the worker asks. */
function addNodeGauges(registry: Registry, status: () => WorkerStatus): void {
  const gauge = (name: string, help: string, value: (node: NodeStatus) => number | null): void => {
    new Gauge({
      name: `assay_node_${name}`,
      help,
      labelNames: ["node"],
      registers: [registry],
      collect() {
        this.reset();
        for (const node of status().nodes) {
          const found = value(node);
          if (found !== null) this.set({ node: node.name }, found);
        }
      },
    });
  };
  gauge("failures", "Calls in a row that a node did not answer", ({ failures }) => failures);
  gauge("dissents", "Times that a node said what was not believed", ({ dissents }) => dissents);
  gauge("head", "The newest block that a node told of", ({ head }) => head);
}

function money(amount: bigint | undefined): number | null {
  return amount === undefined ? null : Number(amount);
}

function flag(value: boolean | undefined): number | null {
  return value === undefined ? null : Number(value);
}
