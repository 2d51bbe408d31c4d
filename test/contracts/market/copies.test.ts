import { expect } from "chai";
import { keccak256 } from "ethers";

import { BURN, ethers, networkHelpers, PARAMETERS, passTime, PHASE, requestJob, ROYALTY, STATE } from "../fixture.ts";
import {
  at,
  commit,
  counters,
  expectBalanced,
  expectOver,
  FEE,
  kept,
  load,
  nextTime,
  playCopies,
  priceOf,
  purses,
  requestCopies,
  reveal,
  RIGHT,
  right,
  SEAT,
  silent,
  tallied,
  wrong,
} from "./rounds-fixture.ts";

const { jobStake } = PARAMETERS;

describe("a job with several copies", function () {
  this.timeout(120_000);

  it("is answered blindly by distinct workers, revealed, tallied and paid in equal parts", async () => {
    const base = await load();
    const { market, crowd, requester } = base;
    const asked = await requestCopies(base, 3);
    const { job, jobId } = asked;
    await expectBalanced(base, asked);
    for (const seat of [0, 1, 2]) {
      const worker = at(crowd, seat);
      await expect(commit(base, asked, worker, RIGHT))
        .to.emit(market, "Committed")
        .withArgs(jobId, worker.id, seat);
      expect((await market.statusOf(jobId)).state).to.equal(BigInt(STATE.Copying));
      await expectBalanced(base, asked);
    }
    const { phase, dueAt } = await market.roundOf(jobId);
    expect(phase).to.equal(BigInt(PHASE.Revealing));
    expect(dueAt).to.equal(BigInt(await networkHelpers.time.latest()) + PARAMETERS.revealWindow);
    for (const seat of [2, 0, 1]) {
      const worker = at(crowd, seat);
      await expect(reveal(base, asked, worker, RIGHT))
        .to.emit(market, "Revealed")
        .withArgs(jobId, worker.id, keccak256(RIGHT), RIGHT);
      const { state, kept: had } = await market.seatOf(jobId, seat);
      expect([state, had]).to.deep.equal([BigInt(SEAT.Revealed), kept(RIGHT)]);
    }
    const talliedAt = await nextTime();
    await expect(market.tally(job, "0x"))
      .to.emit(market, "CopiesAgreed")
      .withArgs(jobId, kept(RIGHT), 3n, talliedAt + 300n);
    await expectBalanced(base, asked);

    await passTime((await market.statusOf(jobId)).dueAt);
    const before = await purses(base);
    const share = (FEE - ROYALTY) / 3n;
    const rest = FEE - ROYALTY - 3n * share;
    expect(rest > 0n).to.equal(true);
    await expect(market.settle(job, "0x"))
      .to.emit(market, "JobSettled")
      .withArgs(jobId, 0n, FEE, ROYALTY, 0n)
      .and.to.emit(market, "WorkerPaid")
      .withArgs(jobId, at(crowd, 0).id, share + rest)
      .and.to.emit(market, "WorkerPaid")
      .withArgs(jobId, at(crowd, 1).id, share);
    await expectOver(base, asked);
    const after = await purses(base);
    expect(after.owner - before.owner).to.equal(ROYALTY);
    expect(await market.balanceOf(requester)).to.equal(before.requester);
    for (const worker of crowd.slice(0, 3)) expect((await market.standingOf(worker.id)).done).to.equal(1n);
    expect((await market.seatOf(jobId, 0)).state).to.equal(BigInt(SEAT.Released));
  });

  it("gives the requester back what the ramp had not reached when the last seat was taken", async () => {
    const base = await load();
    const { market, crowd, requester } = base;
    const asked = await requestJob(base, { copies: 2n, minFee: FEE, maxFee: 3n * FEE });
    await passTime(asked.terms.requestedAt + 1_000n);
    await commit(base, asked, at(crowd, 0), RIGHT);
    const before = await market.balanceOf(requester);
    await passTime(asked.terms.requestedAt + 2_000n);
    await commit(base, asked, at(crowd, 1), RIGHT);
    const fee = await market.feeAt(asked.job, BigInt(await networkHelpers.time.latest()));
    expect(fee > FEE && fee < 3n * FEE).to.equal(true);
    expect((await market.roundOf(asked.jobId)).fee).to.equal(fee);
    expect(await market.balanceOf(requester)).to.equal(before + 3n * FEE - fee);
    await expectBalanced(base, asked);
  });

  it("is answered by no other step, alone or in a batch, and settled in a batch like any other", async () => {
    const base = await load();
    const { market, crowd } = base;
    const asked = await requestCopies(base, 2);
    const { job, jobId } = asked;
    const worker = at(crowd, 0);
    await expect(market.connect(worker.key).execute(job, RIGHT))
      .to.be.revertedWithCustomError(market, "CopiesNeedCommitment")
      .withArgs(jobId);
    const needed = market.interface.getError("CopiesNeedCommitment")?.selector;
    const batch = market.connect(worker.key);
    expect(await batch.executeBatch.staticCall([{ job, output: RIGHT }])).to.deep.equal([needed]);
    expect(await batch.fulfillBatch.staticCall([{ job, output: RIGHT, evidence: "0x" }])).to.deep.equal([needed]);

    await playCopies(base, asked, [right, right]);
    await market.tally(job, "0x");
    await passTime((await market.statusOf(jobId)).dueAt);
    await expect(market.settleBatch([{ job, output: "0x" }])).to.emit(market, "JobSettled");
    await expectOver(base, asked);
  });

  describe("is tallied", () => {
    it("when all have revealed or their time is over, once", async () => {
      const base = await load();
      const { market, crowd } = base;
      const asked = await requestCopies(base, 3);
      await expect(market.tally(asked.job, "0x"))
        .to.be.revertedWithCustomError(market, "JobStateMismatch")
        .withArgs(asked.jobId, STATE.Requested);
      for (const worker of crowd.slice(0, 2)) await commit(base, asked, worker, RIGHT);
      await expect(market.tally(asked.job, "0x"))
        .to.be.revertedWithCustomError(market, "RoundPhaseMismatch")
        .withArgs(asked.jobId, PHASE.Committing);
      await commit(base, asked, at(crowd, 2), RIGHT);
      for (const worker of crowd.slice(0, 2)) await reveal(base, asked, worker, RIGHT);
      const { dueAt } = await market.roundOf(asked.jobId);
      await expect(market.tally(asked.job, "0x"))
        .to.be.revertedWithCustomError(market, "RoundNotOver")
        .withArgs(asked.jobId, dueAt);
      await passTime(dueAt);
      await market.tally(asked.job, "0x");
      await expect(market.tally(asked.job, "0x"))
        .to.be.revertedWithCustomError(market, "JobStateMismatch")
        .withArgs(asked.jobId, STATE.Executed);
    });

    it("and whoever was silent loses stake then: half to the requester, half burnt", async () => {
      const base = await load();
      const { market, crowd, requester } = base;
      const asked = await requestCopies(base, 3);
      await playCopies(base, asked, [right, silent, right]);
      const [had, burnt] = [await market.balanceOf(requester), await ethers.provider.getBalance(BURN)];
      await expect(market.tally(asked.job, "0x"))
        .to.emit(market, "SeatLost")
        .withArgs(asked.jobId, at(crowd, 1).id)
        .and.to.emit(market, "CopiesAgreed");
      expect(await market.balanceOf(requester)).to.equal(had + jobStake / 2n);
      expect(await ethers.provider.getBalance(BURN)).to.equal(burnt + jobStake / 2n);
      expect((await market.standingOf(at(crowd, 1).id)).slashed).to.equal(1n);
      expect((await market.seatOf(asked.jobId, 1)).state).to.equal(BigInt(SEAT.Lost));
      await expectBalanced(base, asked);
    });

    it("and whoever said something else keeps its stake bound, and loses it when the job settles", async () => {
      const base = await load();
      const { market, crowd, requester } = base;
      const asked = await tallied(base, 3, [right, wrong, right]);
      const odd = at(crowd, 1);
      expect((await market.standingOf(odd.id)).slashed).to.equal(0n);
      await expectBalanced(base, asked);
      const { dueAt } = await market.statusOf(asked.jobId);
      await expect(market.settle(asked.job, "0x"))
        .to.be.revertedWithCustomError(market, "JobNotDue")
        .withArgs(asked.jobId, dueAt);
      await passTime(dueAt);
      const [had, burnt] = [await market.balanceOf(requester), await ethers.provider.getBalance(BURN)];
      const { fee } = priceOf(2n, 3n);
      await expect(market.settle(asked.job, "0x"))
        .to.emit(market, "SeatLost")
        .withArgs(asked.jobId, odd.id)
        .and.to.emit(market, "JobSettled")
        .withArgs(asked.jobId, 0n, fee, ROYALTY, 0n);
      expect(await market.balanceOf(requester)).to.equal(had + jobStake / 2n + FEE - fee);
      expect(await ethers.provider.getBalance(BURN)).to.equal(burnt + jobStake / 2n);
      expect(await counters(base, odd)).to.deep.equal([0n, 1n]);
      await expectOver(base, asked);
      await expect(market.settle(asked.job, "0x"))
        .to.be.revertedWithCustomError(market, "JobStateMismatch")
        .withArgs(asked.jobId, STATE.Settled);
    });

    it("without an answer: the requester is refunded and all the silent lose", async () => {
      const base = await load();
      const { market, crowd, requester, versionId } = base;
      const had = await market.balanceOf(requester);
      const asked = await requestCopies(base, 2, { versionId });
      await playCopies(base, asked, [silent, silent]);
      await expect(market.tally(asked.job, "0x"))
        .to.emit(market, "JobRefunded")
        .withArgs(asked.jobId, 0n, FEE, 2n * jobStake);
      expect(await market.balanceOf(requester)).to.equal(had + jobStake);
      for (const worker of crowd.slice(0, 2)) expect(await counters(base, worker)).to.deep.equal([0n, 1n]);
      await expectOver(base, asked);
    });

    it("with answers that are equal but too few: refunded, and who revealed keeps its stake", async () => {
      const base = await load();
      const { market, crowd, requester } = base;
      const had = await market.balanceOf(requester);
      const asked = await requestCopies(base, 3);
      await playCopies(base, asked, [silent, right, silent]);
      await expect(market.tally(asked.job, "0x"))
        .to.emit(market, "JobRefunded")
        .withArgs(asked.jobId, 0n, FEE, 2n * jobStake);
      expect(await market.balanceOf(requester)).to.equal(had + jobStake);
      expect(await counters(base, at(crowd, 1))).to.deep.equal([0n, 0n]);
      expect((await market.seatOf(asked.jobId, 1)).state).to.equal(BigInt(SEAT.Released));
      await expectOver(base, asked);
    });
  });
});
