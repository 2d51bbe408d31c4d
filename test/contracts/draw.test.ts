import { expect } from "chai";
import { AbiCoder, keccak256 } from "ethers";

import {
  addWorker,
  type Deployed,
  ethers,
  expectSolvent,
  lastJob,
  LEVEL,
  MAX_FEE,
  MIN_FEE,
  networkHelpers,
  PARAMETERS,
  passTime,
  plainJob,
  PRICE,
  requestJob,
  requestOf,
  served,
  STAKE,
  TIME_TO_LIVE,
} from "./fixture.ts";

const load = () => networkHelpers.loadFixture(crowded);

/** Three workers serve the version. */
async function crowded() {
  const base = await served();
  const second = await addWorker(base, base.versionId, 1);
  const third = await addWorker(base, base.versionId, 2);
  return { ...base, crowd: [base.worker, second, third] };
}

describe("the draw", function () {
  this.timeout(60_000);

  it("gives the worker at a place that the request's block hash decides the window to itself", async () => {
    const base = await load();
    const { market, crowd } = base;
    const { job, jobId } = await requestJob(base);
    const block = await ethers.provider.getBlock(Number(job.requestBlock));
    const seed = keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "bytes32"], [block?.hash, jobId]));
    const drawn = crowd[Number(BigInt(seed) % 3n)];
    const until = job.requestedAt + PARAMETERS.priorityWindow;
    expect([...(await market.drawnWorker(job))]).to.deep.equal([drawn?.id, until]);

    for (const worker of crowd.filter((other) => other !== drawn))
      await expect(market.connect(worker.key).execute(job, "0x06"))
        .to.be.revertedWithCustomError(market, "NotDrawn")
        .withArgs(jobId, drawn?.id, until);
    if (drawn) await market.connect(drawn.key).execute(job, "0x06");
  });

  it("draws everybody in turn", async () => {
    const base = await load();
    const drawn = new Set<bigint>();
    for (let round = 0; round < 40 && drawn.size < 3; round++) {
      const { job } = await requestJob(base);
      drawn.add((await base.market.drawnWorker(job)).workerId);
    }
    expect(drawn.size).to.equal(3);
  });

  it("is not ready in the block of the request, so that nobody can act there", async () => {
    const base = await load();
    const { market, requester, versionId, worker } = base;
    await market.connect(requester).request(requestOf(versionId), "0x03");
    const event = (await market.queryFilter(market.filters.JobRequested(), "latest")).at(-1);
    if (event === undefined) throw new Error("no job was requested");
    const job = plainJob(event.args.job);
    const { jobId } = event.args;
    await expect(market.drawnWorker.staticCall(job, { blockTag: "latest" }))
      .to.be.revertedWithCustomError(market, "DrawNotReady")
      .withArgs(jobId);
    await expect(market.connect(worker.key).execute.staticCall(job, "0x06", { blockTag: "latest" }))
      .to.be.revertedWithCustomError(market, "DrawNotReady")
      .withArgs(jobId);
  });

  it("opens the job to any serving worker when the window is over, at a fee that ramps, rounded down", async () => {
    const base = await load();
    const { market, crowd, requester, stranger, workers } = base;
    const { job, jobId } = await requestJob(base);
    const drawn = (await market.drawnWorker(job)).workerId;
    const other = crowd.find(({ id }) => id !== drawn);
    const start = job.requestedAt + PARAMETERS.priorityWindow;
    expect(await market.feeAt(job, start)).to.equal(MIN_FEE);
    expect(await market.feeAt(job, job.deadline)).to.equal(MAX_FEE);
    const ramp = TIME_TO_LIVE - PARAMETERS.priorityWindow;
    for (const passed of [1n, 7n, ramp / 2n, ramp - 1n])
      expect(await market.feeAt(job, start + passed)).to.equal(MIN_FEE + ((MAX_FEE - MIN_FEE) * passed) / ramp);

    await passTime(start + 500n);
    expect((await market.drawnWorker(job)).workerId).to.equal(0n);
    await expect(market.connect(stranger).execute(job, "0x06")).to.be.revertedWithCustomError(workers, "WorkerUnknown");
    const before = await market.balanceOf(requester);
    if (other) await market.connect(other.key).execute(job, "0x06");
    const fee = await market.feeAt(job, BigInt(await networkHelpers.time.latest()));
    expect(fee > MIN_FEE && fee < MAX_FEE).to.equal(true);
    expect(await market.balanceOf(requester)).to.equal(before + MAX_FEE - fee);
    await expectSolvent(base, [job]);

    const { dueAt } = await market.statusOf(jobId);
    await passTime(dueAt);
    await expect(market.settle(job, "0x")).to.emit(market, "JobSettled");
    await expectSolvent(base, [job]);
  });

  it("opens the job at once when the drawn worker left, drains, asks too much or lacks free stake", async () => {
    type Reason = (registry: Deployed["workers"], id: bigint, versionId: string) => Promise<unknown>;
    const reasons: readonly Reason[] = [
      (registry, id, versionId) => registry.serve(id, versionId, 0),
      (registry, id) => registry.setDraining(id, true),
      (registry, id) => registry.setPrice(id, MIN_FEE),
      (registry, id) => registry.startUnbonding(id, STAKE),
    ];
    for (const leave of reasons) {
      const base = await load();
      const { job } = await requestJob(base);
      const { workerId } = await base.market.drawnWorker(job);
      const leaving = base.crowd.find(({ id }) => id === workerId);
      if (leaving === undefined) throw new Error("nobody was drawn");
      await leave(base.workers.connect(leaving.operator), leaving.id, base.versionId);
      expect((await base.market.drawnWorker(job)).workerId).to.equal(0n);
      const other = base.crowd.find(({ id }) => id !== leaving.id);
      if (other) await base.market.connect(other.key).execute(job, "0x06");
      expect((await base.market.statusOf(await base.market.jobIdOf(job))).workerId).to.equal(other?.id);
    }
  });

  it("opens the job when the chain has forgotten the block hash", async () => {
    const base = await load();
    const { job } = await requestJob(base, { timeToLive: 80_000n });
    await networkHelpers.mine(256, { interval: 0 });
    expect(BigInt(await networkHelpers.time.latest()) < job.requestedAt + PARAMETERS.priorityWindow).to.equal(true);
    expect((await base.market.drawnWorker(job)).workerId).to.equal(0n);
  });

  it("does not draw workers that joined after the request", async () => {
    const base = await networkHelpers.loadFixture(served);
    const { job } = await requestJob(base);
    expect(job.candidates).to.equal(1n);
    await addWorker(base, base.versionId, 1);
    expect((await base.market.drawnWorker(job)).workerId).to.equal(base.worker.id);
  });

  it("asks no more of the drawn worker than the least fee covers after royalty and protocol fee", async () => {
    const base = await networkHelpers.loadFixture(served);
    const { market, admin, treasury, workers, worker } = base;
    await market.connect(admin).setProtocolFee(500, treasury);
    const { job } = await requestJob(base, { level: LEVEL.Tee });
    const covered = (MIN_FEE - (MIN_FEE * 5n) / 100n - job.royalty) / 10n;
    expect(job.maxPrice).to.equal(covered);
    await workers.connect(worker.operator).setPrice(worker.id, covered);
    expect((await market.drawnWorker(job)).workerId).to.equal(worker.id);
    await workers.connect(worker.operator).setPrice(worker.id, covered + 1n);
    expect((await market.drawnWorker(job)).workerId).to.equal(0n);
    expect(PRICE < covered).to.equal(true);
  });

  it("costs the same with many workers as with one", async () => {
    const base = await load();
    const { market, requester, versionId } = base;
    const gas = async () =>
      (await (await market.connect(requester).request(requestOf(versionId), "0x03")).wait())?.gasUsed ?? 0n;
    await gas();
    const few = await gas();
    for (let index = 3; index < 6; index++) await addWorker(base, versionId, index);
    expect(await gas()).to.equal(few);
    await lastJob(base);
  });
});
