import { expect } from "chai";

import { accounts } from "../../../../workers/daemon/accounts/accounts.ts";
import { accountOf } from "../../../../workers/daemon/accounts/job-account.ts";
import type { Fact, FactOf, Hex } from "../../../../workers/daemon/facts.ts";
import { NO_JOB } from "../../../../workers/daemon/journal/journal.ts";
import { JOB_ID, jobAt, KEY, mined, OTHER, place, requested, signed, US } from "../sample-job.ts";

const OWNER = { worker: { id: US, key: KEY }, jobStake: 1000n };
const SECOND: Hex = `0x${"0d".repeat(32)}`;
const THIRD: Hex = `0x${"0e".repeat(32)}`;

const settled = (workerId: number, fee = 3000n): Fact => ({ kind: "settled", log: place(5), workerId, fee });
const refunded = (workerId: number, slashed: bigint): Fact => ({
  kind: "refunded",
  log: place(5),
  workerId,
  refund: 3000n,
  slashed,
});
const challenged = (challenger: Hex): Fact => ({
  kind: "challenged",
  log: place(3),
  challenger,
  bond: 501n,
  dueAt: 900,
});
const judged = (decided: boolean, upheld: boolean): Fact => ({ kind: "panel-judged", log: place(4), decided, upheld });
const executed = (workerId: number): Fact => ({
  kind: "executed",
  log: place(2),
  workerId,
  output: "0x2a",
  dueAt: 400,
});
const paid = (gasUsed: bigint, price: bigint): FactOf<"mined"> => ({ ...mined(1), gasUsed, effectiveGasPrice: price });

describe("what a job earned and cost", () => {
  const of = (...facts: Fact[]) => accountOf(JOB_ID, [requested(jobAt("Vanilla")), ...facts], OWNER);

  it("is the worker's part of the fee, and the gas of its transactions", () => {
    const share = requested(jobAt("Tee", { royalty: 500n, feeBasisPoints: 100 }));
    const account = accountOf(JOB_ID, [share, signed("fulfill", 1), paid(90_000n, 7n), settled(US)], OWNER);
    expect(account).to.deep.equal({ gasUsed: 90_000n, gasCost: 630_000n, earned: 2470n, lost: 0n });
  });

  it("is nothing where another worker was paid", () => {
    expect(of(executed(OTHER), settled(OTHER))).to.deep.equal({ gasUsed: 0n, gasCost: 0n, earned: 0n, lost: 0n });
  });

  it("counts replaced bytes once, at the price that was paid, or the highest it can have been", () => {
    const bytes = [signed("execute", 1, "1"), { ...signed("execute", 1, "2"), maxFeePerGas: 50n }];
    expect(of(...bytes, { ...mined(1, true, "2"), gasUsed: 10n }).gasCost).to.equal(500n);
    expect(of(...bytes, { ...mined(1, true, "2"), gasUsed: 10n, effectiveGasPrice: 3n }).gasCost).to.equal(30n);
  });

  it("counts a reverted transaction, and none whose block was orphaned", () => {
    const reverted = [signed("execute", 1), { ...mined(1, false), gasUsed: 10n, effectiveGasPrice: 3n }];
    expect(of(...reverted).gasCost).to.equal(30n);
    const { transactionHash } = signed("execute", 1);
    expect(of(...reverted, { kind: "unmined", nonce: 1, transactionHash }).gasCost).to.equal(0n);
  });

  it("forgets a fee whose block was orphaned", () => {
    const { blockHash, logIndex } = place(5);
    expect(of(settled(US), { kind: "revoked", blockHash, logIndex }).earned).to.equal(0n);
  });

  it("has the shares of seats, and the stake that one lost", () => {
    const seat = (workerId: number): Fact => ({
      kind: "paid",
      log: place(5, workerId),
      round: "copies",
      workerId,
      amount: 900n,
    });
    expect(of(seat(OTHER), seat(US), settled(0)).earned).to.equal(900n);
    expect(of({ kind: "seat-lost", log: place(5), round: "copies", workerId: US }).lost).to.equal(1000n);
    expect(of({ kind: "seat-lost", log: place(5), round: "copies", workerId: OTHER }).lost).to.equal(0n);
  });

  it("has the bond of a challenge that failed: all for evidence, half where a panel judged", () => {
    const theirs: Hex = `0x${"dd".repeat(20)}`;
    expect(of(executed(US), challenged(theirs), settled(US)).earned).to.equal(3501n);
    expect(of(executed(US), challenged(theirs), judged(true, true), settled(US)).earned).to.equal(3251n);
    expect(of(executed(US), challenged(theirs), judged(false, false), refunded(0, 0n)).earned).to.equal(501n);
  });

  it("has a challenger's bounty, or its lost bond", () => {
    expect(of(executed(OTHER), challenged(KEY), refunded(OTHER, 4000n))).to.include({ earned: 1000n, lost: 0n });
    expect(of(executed(OTHER), challenged(KEY), settled(OTHER))).to.include({ earned: 0n, lost: 501n });
    expect(of(executed(OTHER), challenged(KEY), judged(false, false), refunded(0, 0n))).to.include({ lost: 501n });
  });

  it("has the stake that a wrong answer cost", () => {
    expect(of(executed(US), refunded(US, 4000n))).to.include({ earned: 0n, lost: 4000n });
  });
});

describe("the accounts of a worker", () => {
  const batch = [JOB_ID, SECOND, THIRD];
  const together: Fact[] = [{ ...signed("settle", 1), batch }, paid(100_001n, 7n)];

  it("divide what a batch cost among its jobs, so that the parts are the whole", () => {
    const { jobs, total } = accounts(
      batch.flatMap((job) => together.map((fact) => ({ job, fact }))),
      OWNER,
    );
    expect([...jobs.values()].map(({ gasUsed }) => gasUsed)).to.deep.equal([33_334n, 33_334n, 33_333n]);
    expect(total).to.include({ gasUsed: 100_001n, gasCost: 700_007n });
  });

  it("add up, with what belongs to no job", () => {
    const facts = [requested(jobAt("Vanilla")), signed("execute", 1), paid(10n, 2n), settled(US)];
    const enrolled = [signed("enroll", 2, "2"), { ...mined(2, true, "2"), gasUsed: 5n, effectiveGasPrice: 2n }];
    const idle = { job: SECOND, fact: requested(jobAt("Vanilla")) };
    const all = [
      ...facts.map((fact) => ({ job: JOB_ID, fact })),
      idle,
      ...enrolled.map((fact) => ({ job: NO_JOB, fact })),
    ];
    const { jobs, overhead, total } = accounts(all, OWNER);
    expect([...jobs.keys()], "only jobs with something on their account").to.deep.equal([JOB_ID]);
    expect(overhead).to.deep.equal({ gasUsed: 5n, gasCost: 10n, earned: 0n, lost: 0n });
    expect(total).to.deep.equal({ gasUsed: 15n, gasCost: 30n, earned: 3000n, lost: 0n });
  });
});
