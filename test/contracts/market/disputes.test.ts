import { expect } from "chai";

import {
  BURN,
  ethers,
  LEVEL,
  networkHelpers,
  PARAMETERS,
  passTime,
  proofFor,
  requestJob,
  ROYALTY,
  signatureFor,
  STATE,
} from "../fixture.ts";
import {
  at,
  BOND,
  expectBalanced,
  expectOver,
  FEE,
  load,
  nextTime,
  other,
  playCopies,
  priceOf,
  purses,
  requestCopies,
  RIGHT,
  right,
  silent,
  tallied,
  wrong,
} from "./rounds-fixture.ts";

const { jobStake, challengeBond, evidenceWindow } = PARAMETERS;

describe("a dispute", function () {
  this.timeout(120_000);

  describe("about copies that agreed", () => {
    it("holds the fee that the last seat fixed, and the challenger's bond", async () => {
      const base = await load();
      const { market, challenger } = base;
      const asked = await tallied(base, 3, [right, right, right]);
      const due = (await nextTime()) + evidenceWindow;
      await expect(market.connect(challenger).challenge(asked.job, BOND))
        .to.emit(market, "JobChallenged")
        .withArgs(asked.jobId, challenger.address, challengeBond, due)
        .and.to.emit(market, "Deposited")
        .withArgs(challenger.address, challenger.address, challengeBond);
      const { challenger: noted, fee } = await market.challengeOf(asked.jobId);
      expect([noted, fee]).to.deep.equal([challenger.address, FEE]);
      await expectBalanced(base, asked);
      await expect(market.connect(challenger).challenge(asked.job, BOND))
        .to.be.revertedWithCustomError(market, "JobStateMismatch")
        .withArgs(asked.jobId, STATE.Challenged);
      await expect(market.settle(asked.job, "0x"))
        .to.be.revertedWithCustomError(market, "JobStateMismatch")
        .withArgs(asked.jobId, STATE.Challenged);
    });

    it("is won by any of them that shows evidence: its operator gets the bond, and a quarter of the minority's stake", async () => {
      const base = await load();
      const { market, crowd, challenger } = base;
      const asked = await tallied(base, 3, [right, wrong, right]);
      await market.connect(challenger).challenge(asked.job, BOND);
      const before = await purses(base);
      const prover = at(crowd, 2);
      await market.connect(prover.key).fulfill(asked.job, RIGHT, await signatureFor(base, asked.job, prover, RIGHT));
      const after = await purses(base);
      const share = jobStake / 4n;
      const { fee, rest } = priceOf(2n, 3n);
      expect(after.operators.get(prover.id)).to.equal((before.operators.get(prover.id) ?? 0n) + challengeBond + share);
      expect(after.earned.get(at(crowd, 0).id)).to.equal(rest - rest / 2n);
      expect(after.earned.get(prover.id)).to.equal(rest / 2n);
      expect(after.requester).to.equal(before.requester + FEE - fee + share);
      expect(after.challenger).to.equal(before.challenger);
      expect(after.burnt).to.equal(before.burnt + jobStake - 2n * share);
      expect(after.owner).to.equal(before.owner + ROYALTY);
      expect(after.counters.get(at(crowd, 1).id)).to.deep.equal([0n, 1n]);
      await expectOver(base, asked);
    });

    it("is won by a minority that shows evidence: the challenger has its bond back and a quarter of what the others lose", async () => {
      const base = await load();
      const { market, crowd, challenger } = base;
      const asked = await tallied(base, 3, [wrong, right, wrong]);
      const before = await purses(base);
      await market.connect(challenger).challenge(asked.job, BOND);
      const honest = at(crowd, 1);
      await market.connect(honest.key).fulfill(asked.job, RIGHT, await signatureFor(base, asked.job, honest, RIGHT));
      const after = await purses(base);
      const share = jobStake / 2n;
      const { fee, rest } = priceOf(1n, 3n);
      expect(after.challenger).to.equal(before.challenger + challengeBond + share);
      expect(after.requester).to.equal(before.requester + FEE - fee + share);
      expect(after.earned.get(honest.id)).to.equal(rest);
      expect(after.burnt).to.equal(before.burnt + 2n * jobStake - 2n * share);
      expect(after.counters.get(honest.id)).to.deep.equal([1n, 0n]);
      expect((await market.statusOf(asked.jobId)).state).to.equal(BigInt(STATE.Settled));
      await expectOver(base, asked);
    });

    it("is lost by those that agreed if nobody shows evidence; who said something else goes free", async () => {
      const base = await load();
      const { market, crowd, challenger } = base;
      const asked = await tallied(base, 5, [wrong, right, wrong, silent, wrong]);
      const before = await purses(base);
      await market.connect(challenger).challenge(asked.job, BOND);
      const { dueAt } = await market.statusOf(asked.jobId);
      await expect(market.resolve(asked.job))
        .to.be.revertedWithCustomError(market, "JobNotDue")
        .withArgs(asked.jobId, dueAt);
      await passTime(dueAt);
      await expect(market.resolve(asked.job))
        .to.emit(market, "JobRefunded")
        .withArgs(asked.jobId, 0n, FEE, 3n * jobStake);
      const after = await purses(base);
      const share = (3n * jobStake) / 4n;
      expect(after.requester).to.equal(before.requester + FEE + share);
      expect(after.challenger).to.equal(before.challenger + challengeBond + share);
      expect(after.burnt).to.equal(before.burnt + 3n * jobStake - 2n * share);
      expect([0, 1, 2, 3, 4].map((i) => after.counters.get(at(crowd, i).id)?.[1])).to.deep.equal([1n, 0n, 1n, 1n, 1n]);
      await expectOver(base, asked);
    });

    it("is decided by a proof where the version has a circuit", async () => {
      const base = await load();
      const { market, crowd, provedVersionId: versionId, challenger } = base;
      const asked = await requestCopies({ ...base, versionId }, 2);
      await playCopies(base, asked, [right, right]);
      await market.tally(asked.job, "0x");
      await market.connect(challenger).challenge(asked.job, BOND);
      const prover = at(crowd, 1);
      const proof = await proofFor(base, asked.job, prover.key.address, 3);
      await expect(market.connect(prover.key).fulfill(asked.job, RIGHT, proof)).to.emit(market, "JobFulfilled");
      await expectOver(base, asked);
    });

    it("can be had in the window alone, with the bond", async () => {
      const base = await load();
      const { market, challenger } = base;
      const asked = await tallied(base, 2, [right, right]);
      await expect(market.connect(challenger).challenge(asked.job, { value: challengeBond - 1n }))
        .to.be.revertedWithCustomError(market, "BalanceTooLow")
        .withArgs(challenger.address, challengeBond - 1n, challengeBond);
      const { dueAt } = await market.statusOf(asked.jobId);
      await passTime(dueAt);
      await expect(market.connect(challenger).challenge(asked.job, BOND))
        .to.be.revertedWithCustomError(market, "JobTooLate")
        .withArgs(asked.jobId, dueAt);
    });
  });

  describe("about one answer", () => {
    it("is only for Vanilla answers that were given", async () => {
      const base = await load();
      const { market, crowd, challenger } = base;
      const waiting = await requestJob(base);
      await expect(market.connect(challenger).challenge(waiting.job, BOND))
        .to.be.revertedWithCustomError(market, "JobStateMismatch")
        .withArgs(waiting.jobId, STATE.Requested);
      const early = await requestJob(base, { level: LEVEL.Tee });
      await passTime(early.terms.requestedAt + 2n * PARAMETERS.priorityWindow);
      await market.connect(at(crowd, 0).key).execute(early.job, RIGHT);
      await expect(market.connect(challenger).challenge(early.job, BOND))
        .to.be.revertedWithCustomError(market, "JobStateMismatch")
        .withArgs(early.jobId, STATE.Executed);
      await expect(market.resolve(early.job))
        .to.be.revertedWithCustomError(market, "JobStateMismatch")
        .withArgs(early.jobId, STATE.Executed);
    });

    it("keeps the fee of the moment of the answer through the challenge", async () => {
      const base = await load();
      const { market, crowd, challenger, requester } = base;
      const asked = await requestJob(base, { minFee: FEE, maxFee: 2n * FEE });
      await passTime(asked.terms.requestedAt + 1_000n);
      const worker = at(crowd, 0);
      await market.connect(worker.key).execute(asked.job, RIGHT);
      const fee = await market.feeAt(asked.job, BigInt(await networkHelpers.time.latest()));
      await market.connect(challenger).challenge(asked.job, BOND);
      expect((await market.challengeOf(asked.jobId)).fee).to.equal(fee);
      await expectBalanced(base, asked);
      const had = await market.balanceOf(requester);
      const burnt = await ethers.provider.getBalance(BURN);
      await passTime((await market.statusOf(asked.jobId)).dueAt);
      await expect(market.resolve(asked.job))
        .to.emit(market, "JobRefunded")
        .withArgs(asked.jobId, worker.id, fee, jobStake);
      expect(await market.balanceOf(requester)).to.equal(had + fee + jobStake / 4n);
      expect(await ethers.provider.getBalance(BURN)).to.equal(burnt + jobStake / 2n);
      await expectOver(base, asked);
    });
  });

  describe("claims and late jobs", () => {
    it("are not for Vanilla answers, which need no claim", async () => {
      const base = await load();
      const { market, crowd } = base;
      const asked = await requestJob(base);
      await expect(market.connect(at(crowd, 0).key).claim(asked.job))
        .to.be.revertedWithCustomError(market, "ClaimNotNeeded")
        .withArgs(asked.jobId);
    });

    it("bind the worker to its evidence, and end with its stake", async () => {
      const base = await load();
      const { market, crowd } = base;
      const worker = at(crowd, 0);
      const asked = await requestJob(base, { level: LEVEL.Tee });
      await expect(market.expire(asked.job))
        .to.be.revertedWithCustomError(market, "JobNotDue")
        .withArgs(asked.jobId, asked.terms.deadline);
      await passTime(asked.terms.requestedAt + 2n * PARAMETERS.priorityWindow);
      const due = (await nextTime()) + evidenceWindow;
      await expect(market.connect(worker.key).claim(asked.job))
        .to.emit(market, "JobClaimed")
        .withArgs(asked.jobId, worker.id, due);
      await expectBalanced(base, asked);
      await expect(market.connect(worker.key).claim(asked.job))
        .to.be.revertedWithCustomError(market, "JobStateMismatch")
        .withArgs(asked.jobId, STATE.Claimed);
      await expect(market.expire(asked.job))
        .to.be.revertedWithCustomError(market, "JobNotDue")
        .withArgs(asked.jobId, due);
      await passTime(due);
      await expect(market.expire(asked.job)).to.emit(market, "JobRefunded");
      await expectOver(base, asked);
    });

    it("expire is not for an answer that only waits for its window", async () => {
      const base = await load();
      const { market } = base;
      const asked = await tallied(base, 3, [right, right, other("0x08")]);
      await passTime((await market.statusOf(asked.jobId)).dueAt);
      await expect(market.expire(asked.job))
        .to.be.revertedWithCustomError(market, "JobStateMismatch")
        .withArgs(asked.jobId, STATE.Executed);
      await market.settle(asked.job, "0x");
      await expectOver(base, asked);
    });
  });
});
