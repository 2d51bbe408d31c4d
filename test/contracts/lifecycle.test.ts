import { expect } from "chai";

import {
  addVersion,
  addWorker,
  BURN,
  type Deployed,
  ethers,
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
  requestOf,
  ROYALTY,
  served,
  signatureFor,
  STATE,
} from "./fixture.ts";

const load = () => networkHelpers.loadFixture(served);
const BOND = { value: PARAMETERS.challengeBond };

async function expectState({ market }: Pick<Deployed, "market">, jobId: string, state: number): Promise<void> {
  expect((await market.statusOf(jobId)).state).to.equal(BigInt(state));
}

async function dueAt({ market }: Pick<Deployed, "market">, jobId: string): Promise<bigint> {
  return (await market.statusOf(jobId)).dueAt;
}

describe("the life of a job", function () {
  this.timeout(60_000);
  describe("Vanilla", () => {
    it("is final after the challenge window, and paid", async () => {
      const base = await load();
      const { market, worker, owner, workers } = base;
      const { job, jobId } = await requestJob(base);
      await expectSolvent(base, [job]);
      await expect(market.connect(worker.key).execute(job, "0x06")).to.emit(market, "JobExecuted");
      expect((await workers.workerOf(worker.id)).bound).to.equal(PARAMETERS.jobStake);
      await expectSolvent(base, [job]);

      const due = await dueAt(base, jobId);
      await expect(market.settle(job, "0x")).to.be.revertedWithCustomError(market, "JobNotDue").withArgs(jobId, due);
      await passTime(due);
      await expect(market.connect(base.challenger).challenge(job, BOND))
        .to.be.revertedWithCustomError(market, "JobTooLate")
        .withArgs(jobId, due);
      await expect(market.settle(job, "0x"))
        .to.emit(market, "JobSettled")
        .withArgs(jobId, worker.id, MIN_FEE, ROYALTY, 0n);
      expect(await market.balanceOf(worker.operator)).to.equal(MIN_FEE - ROYALTY);
      expect(await market.balanceOf(owner)).to.equal(ROYALTY);
      expect((await workers.workerOf(worker.id)).bound).to.equal(0n);
      await expectSolvent(base, [job]);
      await expect(market.settle(job, "0x"))
        .to.be.revertedWithCustomError(market, "JobStateMismatch")
        .withArgs(jobId, STATE.Settled);
    });

    it("keeps the window that the requester asked for", async () => {
      const base = await load();
      const { job, jobId } = await requestJob(base, { challengeWindow: 5_000n });
      await base.market.connect(base.worker.key).execute(job, "0x06");
      const now = BigInt(await networkHelpers.time.latest());
      expect(await dueAt(base, jobId)).to.equal(now + 5_000n);
    });

    it("pays worker and bond when a challenged answer is proved, by the worker alone and for the same output", async () => {
      const base = await load();
      const { market, worker, challenger, stranger } = base;
      const { job, jobId } = await requestJob(base);
      await market.connect(worker.key).execute(job, "0x06");
      await expect(market.connect(challenger).challenge(job, { value: 1n }))
        .to.be.revertedWithCustomError(market, "BondMismatch")
        .withArgs(1n, PARAMETERS.challengeBond);
      await expect(market.connect(challenger).challenge(job, BOND)).to.emit(market, "JobChallenged");
      await expectSolvent(base, [job]);
      await expect(market.connect(challenger).challenge(job, BOND)).to.be.revertedWithCustomError(
        market,
        "JobStateMismatch",
      );
      await expect(market.settle(job, "0x")).to.be.revertedWithCustomError(market, "JobStateMismatch");
      await expect(market.resolve(job)).to.be.revertedWithCustomError(market, "JobNotDue");

      const proof = await proofFor(base, job, worker.key.address, 3);
      await expect(market.connect(stranger).fulfill(job, "0x06", proof)).to.be.revertedWithCustomError(
        base.workers,
        "WorkerUnknown",
      );
      await expect(market.connect(worker.key).fulfill(job, "0x07", proof))
        .to.be.revertedWithCustomError(market, "OutputMismatch")
        .withArgs(jobId);
      await expect(market.connect(worker.key).fulfill(job, "0x06", proof)).to.emit(market, "JobFulfilled");
      expect(await market.balanceOf(worker.operator)).to.equal(MIN_FEE - ROYALTY + PARAMETERS.challengeBond);
      expect((await market.challengeOf(jobId)).challenger).to.equal(ethers.ZeroAddress);
      await expectSolvent(base, [job]);
    });

    it("is defended with a signature where the version has no circuit", async () => {
      const base = await load();
      const { market, worker, workers, challenger } = base;
      const versionId = await addVersion(base, { levels: 3 });
      await workers.connect(worker.key).serve(worker.id, versionId, 3);
      const { job, jobId } = await requestJob({ ...base, versionId });
      await market.connect(worker.key).execute(job, "0x06");
      await market.connect(challenger).challenge(job, BOND);
      await market.connect(worker.key).fulfill(job, "0x06", await signatureFor(base, job, worker, "0x06"));
      await expectState(base, jobId, STATE.Settled);
    });

    it("slashes a worker that cannot prove its answer: a quarter each to requester and challenger, half burnt", async () => {
      const base = await load();
      const { market, worker, workers, challenger, requester } = base;
      const { job, jobId } = await requestJob(base);
      await market.connect(worker.key).execute(job, "0x07");
      await market.connect(challenger).challenge(job, BOND);
      const before = await market.balanceOf(requester);
      const burnt = await ethers.provider.getBalance(BURN);
      await passTime(await dueAt(base, jobId));
      await expect(
        market.connect(worker.key).fulfill(job, "0x07", await proofFor(base, job, worker.key.address, 3)),
      ).to.be.revertedWithCustomError(market, "JobTooLate");
      await expect(market.resolve(job))
        .to.emit(market, "JobRefunded")
        .withArgs(jobId, worker.id, MIN_FEE, PARAMETERS.jobStake);

      const quarter = PARAMETERS.jobStake / 4n;
      expect(await market.balanceOf(requester)).to.equal(before + MIN_FEE + quarter);
      expect(await market.balanceOf(challenger)).to.equal(PARAMETERS.challengeBond + quarter);
      expect((await ethers.provider.getBalance(BURN)) - burnt).to.equal(PARAMETERS.jobStake / 2n);
      const { stake, bound } = await workers.workerOf(worker.id);
      expect([stake, bound]).to.deep.equal([ethers.parseEther("1") - PARAMETERS.jobStake, 0n]);
      await expectSolvent(base, [job]);
    });

    it("takes no claim and no evidence without a challenge", async () => {
      const base = await load();
      const { market, worker } = base;
      const { job, jobId } = await requestJob(base);
      await expect(market.connect(worker.key).claim(job))
        .to.be.revertedWithCustomError(market, "ClaimNotNeeded")
        .withArgs(jobId);
      const fulfill = () => market.connect(worker.key).fulfill(job, "0x06", "0x");
      await expect(fulfill()).to.be.revertedWithCustomError(market, "EvidenceNotNeeded").withArgs(jobId);
      await market.connect(worker.key).execute(job, "0x06");
      await expect(fulfill()).to.be.revertedWithCustomError(market, "EvidenceNotNeeded").withArgs(jobId);
      await passTime(await dueAt(base, jobId));
      await expect(market.expire(job)).to.be.revertedWithCustomError(market, "JobStateMismatch");
    });
  });

  for (const level of ["Tee", "Zkml"] as const)
    describe(level, () => {
      const evidence = (base: Awaited<ReturnType<typeof load>>, job: Job) =>
        level === "Tee"
          ? signatureFor(base, job, base.worker, "0x06")
          : proofFor(base, job, base.worker.key.address, 3);
      const request = (base: Awaited<ReturnType<typeof load>>) => requestJob(base, { level: LEVEL[level] });

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
        const due = await dueAt(base, jobId);
        await expectSolvent(base, [job]);
        await expect(market.connect(worker.key).claim(job)).to.be.revertedWithCustomError(market, "JobStateMismatch");
        await networkHelpers.time.increase(100);
        await market.connect(worker.key).execute(job, "0x06");
        expect(await dueAt(base, jobId)).to.equal(due);
        await expectSolvent(base, [job]);
        await expect(market.connect(base.challenger).challenge(job, BOND)).to.be.revertedWithCustomError(
          market,
          "JobStateMismatch",
        );
        await expect(
          market.connect(worker.key).fulfill(job, "0x08", await evidence(base, job)),
        ).to.be.revertedWithCustomError(market, "OutputMismatch");
        await expect(market.connect(worker.key).fulfill(job, "0x06", await evidence(base, job)))
          .to.emit(market, "JobSettled")
          .withArgs(jobId, worker.id, MIN_FEE, ROYALTY, 0n);
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
        await expectState(base, jobId, STATE.Refunded);
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
        await expectSolvent(base, [job]);
      });

      it("is only for the worker that claimed it", async () => {
        const base = await load();
        const { market, worker } = base;
        const other = await addWorker(base, base.versionId, 1);
        const { job, jobId } = await request(base);
        await passTime(job.requestedAt + PARAMETERS.priorityWindow);
        await market.connect(worker.key).claim(job);
        await expect(market.connect(other.key).execute(job, "0x06"))
          .to.be.revertedWithCustomError(market, "NotBoundWorker")
          .withArgs(jobId, worker.id);
        await expect(market.connect(other.key).fulfill(job, "0x06", await evidence(base, job)))
          .to.be.revertedWithCustomError(market, "NotBoundWorker")
          .withArgs(jobId, worker.id);
      });
    });

  it("refunds in full, and slashes nobody, when nobody acts in time", async () => {
    const base = await load();
    const { market, requester, worker } = base;
    const before = await market.balanceOf(requester);
    const { job, jobId } = await requestJob(base);
    await expect(market.expire(job)).to.be.revertedWithCustomError(market, "JobNotDue").withArgs(jobId, job.deadline);
    await passTime(job.deadline);
    await expect(market.connect(worker.key).execute(job, "0x06"))
      .to.be.revertedWithCustomError(market, "JobTooLate")
      .withArgs(jobId, job.deadline);
    await expect(market.expire(job)).to.emit(market, "JobRefunded").withArgs(jobId, 0n, MAX_FEE, 0n);
    expect(await market.balanceOf(requester)).to.equal(before);
    await expectSolvent(base, [job]);
    await expect(market.expire(job)).to.be.revertedWithCustomError(market, "JobStateMismatch");
  });

  it("knows no job with any field changed", async () => {
    const base = await load();
    const { market, worker } = base;
    const { job } = await requestJob(base);
    for (const change of [{ minFee: MAX_FEE }, { deadline: job.deadline + 1n }, { requester: base.stranger.address }]) {
      const other = Object.assign({}, job, change);
      for (const step of [
        () => market.connect(worker.key).execute(other, "0x06"),
        () => market.connect(worker.key).claim(other),
        () => market.connect(worker.key).fulfill(other, "0x06", "0x"),
        () => market.expire(other),
        () => market.resolve(other),
        () => market.settle(other, "0x"),
        () => market.challenge(other, BOND),
      ]) {
        await expect(step())
          .to.be.revertedWithCustomError(market, "JobStateMismatch")
          .withArgs(await market.jobIdOf(other), STATE.None);
      }
      await expect(market.retryCallback(other, "0x")).to.be.revertedWithCustomError(market, "NoCallbackOwed");
    }
  });

  it("takes no output of another length", async () => {
    const base = await load();
    const { market, worker } = base;
    const { job } = await requestJob(base);
    for (const output of ["0x", "0x0606"])
      await expect(market.connect(worker.key).execute(job, output))
        .to.be.revertedWithCustomError(market, "OutputLength")
        .withArgs((output.length - 2) / 2, 1);
  });

  it("gives two equal requests of one block two ids", async () => {
    const base = await load();
    const { market, requester, versionId } = base;
    await ethers.provider.send("evm_setAutomine", [false]);
    const requests = [0, 1].map(() =>
      market.connect(requester).request(requestOf(versionId), "0x03", { gasLimit: 200_000 }),
    );
    await Promise.all(requests);
    await networkHelpers.mine();
    await ethers.provider.send("evm_setAutomine", [true]);
    const events = await market.queryFilter(market.filters.JobRequested(), "latest");
    expect(new Set(events.map(({ args }) => args.jobId)).size).to.equal(2);
  });
});
