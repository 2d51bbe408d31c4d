import { expect } from "chai";

import {
  addWorker,
  type Deployed,
  expectSolvent,
  type Job,
  LEVEL,
  MAX_FEE,
  MIN_FEE,
  networkHelpers,
  PARAMETERS,
  passTime,
  proofFor,
  requestJob,
  ROYALTY,
  served,
  signatureFor,
  STATE,
} from "../fixture.ts";
import { earnedAndBound } from "./jobs.ts";

type Served = Awaited<ReturnType<typeof served>>;

const load = () => networkHelpers.loadFixture(served);

async function dueAt({ market }: Pick<Deployed, "market">, jobId: string): Promise<bigint> {
  return (await market.statusOf(jobId)).dueAt;
}

for (const level of ["Tee", "Zkml"] as const)
  describe(`a ${level} job`, function () {
    this.timeout(60_000);

    const evidence = async (base: Served, job: Job) =>
      level === "Tee" ? signatureFor(base, job, base.worker, "0x06") : proofFor(base, job, base.worker.key.address, 3);
    const request = (base: Served) => requestJob(base, { level: LEVEL[level] });

    it("is settled by evidence at once, without binding stake", async () => {
      const base = await load();
      const { market, worker, requester } = base;
      const before = await market.balanceOf(requester);
      const { job, jobId } = await request(base);
      expect(await market.balanceOf(requester)).to.equal(before - MAX_FEE);
      await expect(market.connect(worker.key).fulfill(job, "0x06", await evidence(base, job)))
        .to.emit(market, "JobSettled")
        .withArgs(jobId, worker.id, MIN_FEE, ROYALTY, 0n);
      expect(await market.balanceOf(requester)).to.equal(before - MIN_FEE);
      expect(await earnedAndBound(base, worker)).to.deep.equal([MIN_FEE - ROYALTY, 0n]);
      await expectSolvent(base, [job]);
      await expect(
        market.connect(worker.key).fulfill(job, "0x06", await evidence(base, job)),
      ).to.be.revertedWithCustomError(market, "JobStateMismatch");
    });

    it("can be claimed, answered early and proved, with the due date of the claim", async () => {
      const base = await load();
      const { market, worker } = base;
      const { job, jobId } = await request(base);
      await expect(market.connect(worker.key).claim(job)).to.emit(market, "JobClaimed");
      expect(await earnedAndBound(base, worker)).to.deep.equal([0n, PARAMETERS.jobStake]);
      const due = await dueAt(base, jobId);
      await expectSolvent(base, [job]);
      await expect(market.connect(worker.key).claim(job)).to.be.revertedWithCustomError(market, "JobStateMismatch");
      await networkHelpers.time.increase(100);
      await market.connect(worker.key).execute(job, "0x06");
      expect(await dueAt(base, jobId)).to.equal(due);
      await expectSolvent(base, [job]);
      await expect(
        market.connect(base.challenger).challenge(job, { value: PARAMETERS.challengeBond }),
      ).to.be.revertedWithCustomError(market, "JobStateMismatch");
      await expect(market.settle(job, "0x")).to.be.revertedWithCustomError(market, "JobStateMismatch");
      await expect(
        market.connect(worker.key).fulfill(job, "0x08", await evidence(base, job)),
      ).to.be.revertedWithCustomError(market, "OutputMismatch");
      await expect(market.connect(worker.key).fulfill(job, "0x06", await evidence(base, job)))
        .to.emit(market, "JobSettled")
        .withArgs(jobId, worker.id, MIN_FEE, ROYALTY, 0n);
      expect(await earnedAndBound(base, worker)).to.deep.equal([MIN_FEE - ROYALTY, 0n]);
      await expectSolvent(base, [job]);
    });

    it("that was claimed is settled by evidence without an early answer", async () => {
      const base = await load();
      const { market, worker } = base;
      const { job, jobId } = await request(base);
      await market.connect(worker.key).claim(job);
      await expect(market.connect(worker.key).fulfill(job, "0x06", await evidence(base, job)))
        .to.emit(market, "JobSettled")
        .withArgs(jobId, worker.id, MIN_FEE, ROYALTY, 0n);
      expect(await earnedAndBound(base, worker)).to.deep.equal([MIN_FEE - ROYALTY, 0n]);
      await expectSolvent(base, [job]);
    });

    it("slashes a worker whose early answer stays unproven: half to the requester, half burnt", async () => {
      const base = await load();
      const { market, worker, requester } = base;
      const { job, jobId } = await request(base);
      await market.connect(worker.key).execute(job, "0x06");
      const before = await market.balanceOf(requester);
      await expect(market.expire(job)).to.be.revertedWithCustomError(market, "JobNotDue");
      await passTime(await dueAt(base, jobId));
      await expect(market.expire(job))
        .to.emit(market, "JobRefunded")
        .withArgs(jobId, worker.id, MIN_FEE, PARAMETERS.jobStake);
      expect(await market.balanceOf(requester)).to.equal(before + MIN_FEE + PARAMETERS.jobStake / 2n);
      expect((await market.statusOf(jobId)).state).to.equal(BigInt(STATE.Refunded));
      expect(await earnedAndBound(base, worker)).to.deep.equal([0n, 0n]);
      await expectSolvent(base, [job]);
    });

    it("slashes a worker that claims and stays silent", async () => {
      const base = await load();
      const { market, worker } = base;
      const { job, jobId } = await request(base);
      await market.connect(worker.key).claim(job);
      const due = await dueAt(base, jobId);
      await passTime(due);
      await expect(market.connect(worker.key).execute(job, "0x06"))
        .to.be.revertedWithCustomError(market, "JobTooLate")
        .withArgs(jobId, due);
      await expect(market.expire(job)).to.emit(market, "JobRefunded");
      expect((await market.standingOf(worker.id)).slashed).to.equal(1n);
      await expectSolvent(base, [job]);
    });

    it("is only for the worker that claimed it", async () => {
      const base = await load();
      const { market, worker } = base;
      const other = await addWorker(base, base.versionId, 1);
      const { job, jobId, terms } = await request(base);
      await passTime(terms.requestedAt + 2n * PARAMETERS.priorityWindow);
      await market.connect(worker.key).claim(job);
      await expect(market.connect(other.key).execute(job, "0x06"))
        .to.be.revertedWithCustomError(market, "NotBoundWorker")
        .withArgs(jobId, worker.id);
      await expect(market.connect(other.key).fulfill(job, "0x06", await evidence(base, job)))
        .to.be.revertedWithCustomError(market, "NotBoundWorker")
        .withArgs(jobId, worker.id);
    });
  });
