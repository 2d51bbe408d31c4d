import { expect } from "chai";
import { keccak256 } from "ethers";

import {
  CALLBACK_AT,
  LEVEL,
  lastJob,
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

describe("the life of a job", function () {
  this.timeout(60_000);

  it("Vanilla: executed, final after the challenge window, paid", async () => {
    const base = await load();
    const { market, worker, owner } = base;
    const { job, jobId } = await requestJob(base);
    const executed = market.connect(worker.key).execute(job, "0x06");
    await expect(executed).to.emit(market, "JobExecuted");
    const { dueAt } = await market.statusOf(jobId);
    await expect(market.settle(job, "0x")).to.be.revertedWithCustomError(market, "JobNotDue").withArgs(jobId, dueAt);
    await passTime(dueAt);
    await expect(market.settle(job, "0x"))
      .to.emit(market, "JobSettled")
      .withArgs(jobId, worker.id, MIN_FEE, ROYALTY, 0n);
    expect(await market.balanceOf(worker.operator)).to.equal(MIN_FEE - ROYALTY);
    expect(await market.balanceOf(owner)).to.equal(ROYALTY);
  });

  it("Tee: an enclave's signature settles it", async () => {
    const base = await load();
    const { market, worker } = base;
    const { job, jobId } = await requestJob(base, { level: LEVEL.Tee });
    await expect(market.connect(worker.key).fulfill(job, "0x06", await signatureFor(base, job, worker, "0x06")))
      .to.emit(market, "JobSettled")
      .withArgs(jobId, worker.id, MIN_FEE, ROYALTY, 0n);
  });

  it("Zkml: a proof settles it", async () => {
    const base = await load();
    const { market, worker } = base;
    const { job, jobId } = await requestJob(base, { level: LEVEL.Zkml });
    await expect(market.connect(worker.key).fulfill(job, "0x06", await proofFor(base, job, worker.key.address, 3)))
      .to.emit(market, "JobSettled")
      .withArgs(jobId, worker.id, MIN_FEE, ROYALTY, 0n);
  });
});
