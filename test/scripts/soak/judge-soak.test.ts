import { expect } from "chai";

import { crashesAt, randomCrashes } from "../../../scripts/soak/crash-plan.ts";
import { type Check, judgeSoak } from "../../../scripts/soak/judge-soak.ts";
import type { SoakRun } from "../../../scripts/soak/run-soak.ts";
import type { JobKind } from "../../../scripts/workload/mixed-jobs.ts";
import type { JobFact } from "../../../workers/sdk/actions/get-job.ts";
import type { GetStandingReturnType } from "../../../workers/sdk/actions/get-standing.ts";

const JOB = `0x${"0b".repeat(32)}`;
const STANDING: GetStandingReturnType = {
  operator: "0x",
  key: "0x",
  stake: 10n,
  bound: 0n,
  reserved: 0n,
  price: 1n,
  isDraining: false,
  earned: 0n,
  done: 1n,
  late: 0n,
  slashed: 0n,
  misses: 0n,
  isSuspended: false,
};
const JOURNAL = { answered: 1, evidence: 0, transactions: 2, reverted: 0, lost: 0, pending: 0, declined: {} };
const PLACE = { blockNumber: 1, blockHash: "0x", transactionHash: "0x", logIndex: 0 };
const EXECUTED: JobFact = { ...PLACE, kind: "JobExecuted", jobId: JOB, workerId: 1n, output: "0x2a", dueAt: 400n };
const FULFILLED: JobFact = { ...PLACE, kind: "JobFulfilled", jobId: JOB, workerId: 1n, output: "0x2a" };
const SETTLED: JobFact = {
  ...PLACE,
  kind: "JobSettled",
  jobId: JOB,
  workerId: 1n,
  fee: 5n,
  royalty: 0n,
  protocolFee: 0n,
};
const LOST_SEAT: JobFact = { ...PLACE, kind: "SeatLost", roundId: JOB, workerId: 1n };

function runOf(facts: readonly JobFact[], overrides: Partial<SoakRun> = {}, kind: JobKind = "Vanilla, exact"): SoakRun {
  const request = { versionId: "0x01", level: "Vanilla", input: [], maxFee: 1n } as const;
  return {
    jobs: [{ jobId: JOB, kind, request, output: "0x2a" }],
    watch: { of: () => facts.map((fact) => ({ fact, at: 0 })) },
    kills: 1,
    before: [STANDING],
    after: [STANDING],
    journals: [JOURNAL],
    memory: [],
    seconds: 1,
    ...overrides,
  };
}

describe("the judgement of a soak", () => {
  const failures = (checks: readonly Check[]): string[] =>
    checks.filter(({ holds }) => !holds).map(({ claim }) => claim.split(/[,(]/)[0]?.trim() ?? "");

  it("finds nothing wrong with jobs that were answered, proven where challenged, and settled", () => {
    expect(failures(judgeSoak(runOf([EXECUTED, SETTLED])))).to.deep.equal([]);
    const proven = runOf([EXECUTED, FULFILLED, SETTLED], {}, "Vanilla, challenged");
    expect(failures(judgeSoak(proven))).to.deep.equal([]);
  });

  it("finds a job that was lost, answered twice or wrongly, and a seat that lost its stake", () => {
    expect(failures(judgeSoak(runOf([EXECUTED])))).to.deep.equal(["every job is settled"]);
    expect(failures(judgeSoak(runOf([EXECUTED, FULFILLED, SETTLED])))).to.deep.equal([
      "every job has one answer on the chain",
    ]);
    expect(failures(judgeSoak(runOf([{ ...EXECUTED, output: "0x2b" }, SETTLED])))).to.deep.equal([
      "every answer is the right one",
    ]);
    expect(failures(judgeSoak(runOf([EXECUTED, SETTLED, LOST_SEAT])))).to.deep.equal([
      "no seat of a round lost its stake",
    ]);
  });

  it("finds stake that is gone or bound, foreign and open transactions, and memory that grows", () => {
    const poorer = { ...STANDING, stake: 9n, bound: 1n, slashed: 1n };
    const journals = [{ ...JOURNAL, lost: 1, pending: 1 }];
    const memory = Array.from({ length: 24 }, (_, wave) => [{ rss: 100, heapUsed: 40 + wave * 10, external: 1 }]);
    const wrong = failures(judgeSoak(runOf([EXECUTED, SETTLED], { after: [poorer], journals, memory })));
    expect(wrong).to.have.length(6);
    expect(wrong.at(-1)).to.match(/^memory and heap/);
  });
});

describe("a plan of crashes", () => {
  it("is the same for the same seed", () => {
    const deaths = (seed: number) => {
      const plan = randomCrashes(seed, 50);
      return Array.from({ length: 20 }, () => plan.death());
    };
    expect(deaths(3)).to.deep.equal(deaths(3));
    expect(deaths(3)).to.not.deep.equal(deaths(4));
  });

  it("tries each point once, and knows which are left", () => {
    const plan = crashesAt(["before-signed", "after-signed"]);
    expect(plan.death()).to.deep.equal({ at: "before-signed" });
    expect(plan.left()).to.have.length(2);
    expect(plan.death()).to.deep.equal({ at: "after-signed" });
    expect(plan.left()).to.deep.equal(["after-signed"]);
    expect(plan.isOver()).to.equal(false);
    expect(plan.death()).to.equal(null);
    expect([plan.left(), plan.isOver()]).to.deep.equal([[], true]);
  });
});
