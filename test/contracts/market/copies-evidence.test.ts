import { expect } from "chai";

import { BURN, ethers, PARAMETERS, passTime, signatureFor, STATE } from "../fixture.ts";
import {
  at,
  counters,
  expectBalanced,
  expectOver,
  FEE,
  load,
  nextTime,
  other,
  playCopies,
  priceOf,
  requestCopies,
  RIGHT,
  right,
  silent,
  tallied,
  WRONG,
  wrong,
} from "./rounds-fixture.ts";

const { jobStake } = PARAMETERS;

describe("a job with several copies", function () {
  this.timeout(120_000);

  describe("without a majority", () => {
    it("is settled by whoever shows evidence, whose operator gets a quarter of what the others lose", async () => {
      const base = await load();
      const { market, crowd, requester } = base;
      const had = await market.balanceOf(requester);
      const asked = await requestCopies(base, 3);
      await playCopies(base, asked, [wrong, right, other("0x08")]);
      const burnt = await ethers.provider.getBalance(BURN);
      const talliedAt = await nextTime();
      await expect(market.tally(asked.job, "0x"))
        .to.emit(market, "CopiesDisagreed")
        .withArgs(asked.jobId, talliedAt + PARAMETERS.evidenceWindow);
      expect((await market.challengeOf(asked.jobId)).fee).to.equal(FEE);
      await expectBalanced(base, asked);

      const honest = at(crowd, 1);
      const operator = await market.balanceOf(honest.operator);
      const signature = await signatureFor(base, asked.job, honest, RIGHT);
      const { fee, rest } = priceOf(1n, 3n);
      await expect(market.connect(honest.key).fulfill(asked.job, RIGHT, signature))
        .to.emit(market, "JobFulfilled")
        .withArgs(asked.jobId, honest.id, RIGHT)
        .and.to.emit(market, "WorkerPaid")
        .withArgs(asked.jobId, honest.id, rest);
      expect(await market.balanceOf(honest.operator)).to.equal(operator + jobStake / 2n);
      expect(await market.balanceOf(requester)).to.equal(had - fee + jobStake / 2n);
      expect(await ethers.provider.getBalance(BURN)).to.equal(burnt + jobStake);
      expect((await market.challengeOf(asked.jobId)).fee).to.equal(0n);
      expect(await counters(base, honest)).to.deep.equal([1n, 0n]);
      await expectOver(base, asked);
    });

    it("is refunded if nobody can, and all that revealed lose", async () => {
      const base = await load();
      const { market, crowd, requester } = base;
      const had = await market.balanceOf(requester);
      const asked = await tallied(base, 2, [wrong, right]);
      const { dueAt } = await market.statusOf(asked.jobId);
      await expect(market.resolve(asked.job))
        .to.be.revertedWithCustomError(market, "JobNotDue")
        .withArgs(asked.jobId, dueAt);
      await passTime(dueAt);
      await expect(market.resolve(asked.job))
        .to.emit(market, "JobRefunded")
        .withArgs(asked.jobId, 0n, FEE, 2n * jobStake);
      expect(await market.balanceOf(requester)).to.equal(had + jobStake);
      for (const worker of crowd.slice(0, 2)) expect(await counters(base, worker)).to.deep.equal([0n, 1n]);
      await expectOver(base, asked);
    });

    it("takes evidence only in time, from a seat, for what that seat revealed", async () => {
      const base = await load();
      const { market, crowd, tee } = base;
      const asked = await requestCopies(base, 3);
      const [liar, honest, mute] = [at(crowd, 0), at(crowd, 1), at(crowd, 2)];
      const signature = await signatureFor(base, asked.job, honest, RIGHT);
      await expect(market.connect(honest.key).fulfill(asked.job, RIGHT, signature))
        .to.be.revertedWithCustomError(market, "JobStateMismatch")
        .withArgs(asked.jobId, STATE.Requested);
      await playCopies(base, asked, [wrong, right, silent]);
      await market.tally(asked.job, "0x");

      const { job, jobId } = asked;
      const ofMute = await signatureFor(base, job, mute, RIGHT);
      const outsider = at(crowd, 3);
      await expect(market.connect(mute.key).fulfill(job, RIGHT, ofMute))
        .to.be.revertedWithCustomError(market, "OutputMismatch")
        .withArgs(jobId);
      await expect(market.connect(outsider.key).fulfill(job, RIGHT, signature))
        .to.be.revertedWithCustomError(market, "NoSeat")
        .withArgs(jobId, outsider.id);
      const ofLiar = await signatureFor(base, job, liar, RIGHT);
      await expect(market.connect(liar.key).fulfill(job, RIGHT, ofLiar)).to.be.revertedWithCustomError(
        market,
        "OutputMismatch",
      );
      // The enclave never signed that, so the signature names nobody that is known.
      await expect(market.connect(liar.key).fulfill(job, WRONG, ofLiar)).to.be.revertedWithCustomError(
        tee,
        "EnclaveNotEnrolled",
      );
      const { dueAt } = await market.statusOf(jobId);
      await passTime(dueAt);
      await expect(market.connect(honest.key).fulfill(job, RIGHT, signature))
        .to.be.revertedWithCustomError(market, "JobTooLate")
        .withArgs(jobId, dueAt);
    });
  });
});
