import { expect } from "chai";

import {
  addVersion,
  BURN,
  type Deployed,
  ethers,
  expectSolvent,
  MIN_FEE,
  networkHelpers,
  PARAMETERS,
  passTime,
  proofFor,
  requestJob,
  ROYALTY,
  served,
  signatureFor,
  STAKE,
  STATE,
} from "../fixture.ts";
import { earnedAndBound } from "./jobs.ts";

const load = () => networkHelpers.loadFixture(served);
const BOND = { value: PARAMETERS.challengeBond };

async function dueAt({ market }: Pick<Deployed, "market">, jobId: string): Promise<bigint> {
  return (await market.statusOf(jobId)).dueAt;
}

describe("a Vanilla job", function () {
  this.timeout(60_000);

  it("is final after the challenge window, and paid", async () => {
    const base = await load();
    const { market, worker, owner } = base;
    const { job, jobId } = await requestJob(base);
    await expectSolvent(base, [job]);
    await expect(market.connect(worker.key).execute(job, "0x06")).to.emit(market, "JobExecuted");
    expect(await earnedAndBound(base, worker)).to.deep.equal([0n, PARAMETERS.jobStake]);
    expect(await market.boundOf(worker.id)).to.equal(PARAMETERS.jobStake);
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
    expect(await earnedAndBound(base, worker)).to.deep.equal([MIN_FEE - ROYALTY, 0n]);
    expect((await market.standingOf(worker.id)).done).to.equal(1n);
    expect(await market.balanceOf(owner)).to.equal(ROYALTY);
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
      .to.be.revertedWithCustomError(market, "BalanceTooLow")
      .withArgs(challenger.address, 1n, PARAMETERS.challengeBond);
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
    expect(await earnedAndBound(base, worker)).to.deep.equal([MIN_FEE - ROYALTY + PARAMETERS.challengeBond, 0n]);
    expect((await market.challengeOf(jobId)).challenger).to.equal(ethers.ZeroAddress);
    await expectSolvent(base, [job]);
  });

  it("is challenged with a bond from the challenger's account, and what is sent beyond it stays there", async () => {
    const base = await load();
    const { market, worker, challenger } = base;
    const { job } = await requestJob(base);
    await market.connect(worker.key).execute(job, "0x06");
    await market.deposit(challenger, 5n, { value: 5n });
    await market.connect(challenger).challenge(job, { value: PARAMETERS.challengeBond - 3n });
    expect(await market.balanceOf(challenger)).to.equal(2n);
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
    expect((await market.statusOf(jobId)).state).to.equal(BigInt(STATE.Settled));
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
    expect((await workers.workerOf(worker.id)).stake).to.equal(STAKE - PARAMETERS.jobStake);
    expect(await earnedAndBound(base, worker)).to.deep.equal([0n, 0n]);
    const { done, slashed } = await market.standingOf(worker.id);
    expect([done, slashed]).to.deep.equal([0n, 1n]);
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

  it("is refused by a worker whose stake other jobs hold", async () => {
    const base = await load();
    const { market, worker, workers } = base;
    const free = PARAMETERS.jobStake * 2n - 1n;
    const { job: first } = await requestJob(base);
    const { job: second, jobId } = await requestJob(base);
    await workers.connect(worker.operator).startUnbonding(worker.id, STAKE - free);
    await market.connect(worker.key).execute(first, "0x06");
    await expect(market.connect(worker.key).execute(second, "0x06"))
      .to.be.revertedWithCustomError(market, "StakeMissing")
      .withArgs(worker.id, free, free + 1n);
    expect((await market.statusOf(jobId)).state).to.equal(BigInt(STATE.Requested));
  });
});
