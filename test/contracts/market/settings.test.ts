import { expect } from "chai";

import {
  ETHER,
  ethers,
  expectSolvent,
  lastJob,
  LEVEL,
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
} from "../fixture.ts";

const load = () => networkHelpers.loadFixture(served);
const BOND = { value: PARAMETERS.challengeBond };
const DAY = 86_400n;
const MOST_WINDOW = 90n * DAY;
const MOST_ADDRESS = 2n ** 160n - 1n;

describe("settings", function () {
  this.timeout(60_000);

  it("are the administrator's", async () => {
    const { market, workers, manager, stranger, treasury, requester } = await load();
    for (const call of [
      () => market.connect(stranger).setPaused(true),
      () => market.connect(requester).setProtocolFee(1, treasury),
    ])
      await expect(call()).to.be.revertedWithCustomError(workers, "AccessManagedUnauthorized");
    const authority = await ethers.provider.call({ to: market, data: ethers.id("authority()").slice(0, 10) });
    expect(authority).to.equal(ethers.zeroPadValue((await manager.getAddress()).toLowerCase(), 32));
  });

  it("tell what was fixed at deployment", async () => {
    const { market } = await load();
    expect([...(await market.parameters())]).to.deep.equal(Object.values(PARAMETERS));
    expect(await market.currency()).to.equal(ethers.ZeroAddress);
  });

  it("pause new requests of every kind, and nothing else", async () => {
    const base = await load();
    const { market, admin, requester, worker, workers, challenger, stranger, versionId } = base;
    await market.connect(requester).allowConsumer(stranger, ETHER);
    const ask = (level: number = LEVEL.Vanilla) => requestJob(base, { level });
    const [settled, proved, lost, late, signed] = [await ask(), await ask(), await ask(), await ask(), await ask(1)];
    const unclaimed = await ask(LEVEL.Zkml);
    expect(await market.paused()).to.equal(false);
    await expect(market.connect(admin).setPaused(true)).to.emit(market, "PausedChanged").withArgs(true);
    expect(await market.paused()).to.equal(true);

    await expect(market.connect(requester).request(requestOf(versionId), "0x03")).to.be.revertedWithCustomError(
      market,
      "RequestsPaused",
    );
    await expect(
      market.connect(stranger).requestFrom(requester, requestOf(versionId), "0x03"),
    ).to.be.revertedWithCustomError(market, "RequestsPaused");

    await market.connect(requester).deposit(requester, 1n, { value: 1n });
    for (const { job } of [settled, proved, lost]) await market.connect(worker.key).execute(job, "0x06");
    for (const { job } of [proved, lost]) await market.connect(challenger).challenge(job, BOND);
    const key = worker.key.address;
    await market.connect(worker.key).fulfill(proved.job, "0x06", await proofFor(base, proved.job, key, 3));
    await market.connect(worker.key).fulfill(signed.job, "0x06", await signatureFor(base, signed.job, worker, "0x06"));
    await market.connect(worker.key).claim(unclaimed.job);
    await passTime(late.terms.deadline);
    await market.expire(late.job);
    await market.expire(unclaimed.job);
    await market.resolve(lost.job);
    await market.settle(settled.job, "0x");
    const all = [settled, proved, lost, late, signed, unclaimed].map(({ job }) => job);
    await expectSolvent(base, all);

    await market.connect(worker.operator).withdrawEarnings(worker.id, worker.operator);
    await market.connect(requester).withdraw(await market.balanceOf(requester), requester);
    const { stake } = await workers.workerOf(worker.id);
    await workers.connect(worker.operator).startUnbonding(worker.id, stake);
    await networkHelpers.time.increase(DAY);
    await workers.connect(worker.operator).withdrawStake(worker.id, worker.operator);
    expect((await workers.workerOf(worker.id)).unbonding).to.equal(0n);

    await expect(market.connect(admin).setPaused(false)).to.emit(market, "PausedChanged").withArgs(false);
  });

  it("take a protocol fee up to 5 %, for somebody, from jobs that are requested after it", async () => {
    const base = await load();
    const { market, admin, treasury, stranger, worker } = base;
    const set = (basisPoints: bigint, to: string) => market.connect(admin).setProtocolFee(basisPoints, to);
    await expect(set(501n, treasury.address))
      .to.be.revertedWithCustomError(market, "ParameterOutOfRange")
      .withArgs("basisPoints", 501n, 500n);
    for (const basisPoints of [0n, 1n])
      await expect(set(basisPoints, ethers.ZeroAddress))
        .to.be.revertedWithCustomError(market, "ParameterOutOfRange")
        .withArgs("treasury", 0n, MOST_ADDRESS);
    expect([await market.protocolFeeBasisPoints(), await market.treasury()]).to.deep.equal([0n, ethers.ZeroAddress]);

    const before = await requestJob(base, { level: LEVEL.Tee, maxFee: MIN_FEE });
    await expect(set(500n, stranger.address)).to.emit(market, "ProtocolFeeChanged").withArgs(500n, stranger.address);
    const after = await requestJob(base, { level: LEVEL.Tee, maxFee: MIN_FEE });
    await set(0n, treasury.address);
    expect([await market.protocolFeeBasisPoints(), await market.treasury()]).to.deep.equal([0n, treasury.address]);

    const share = MIN_FEE / 20n;
    for (const [{ job, jobId }, taken] of [
      [before, 0n],
      [after, share],
    ] as const)
      await expect(market.connect(worker.key).fulfill(job, "0x06", await signatureFor(base, job, worker, "0x06")))
        .to.emit(market, "JobSettled")
        .withArgs(jobId, worker.id, MIN_FEE, ROYALTY, taken);
    expect([await market.balanceOf(treasury), await market.balanceOf(stranger)]).to.deep.equal([share, 0n]);
    await expectSolvent(base, [before.job, after.job]);
  });

  it("leave a royalty whole: the protocol gets no more than the rest of a fee", async () => {
    const base = await load();
    const { market, admin, treasury, owner, worker } = base;
    await base.workers.connect(worker.operator).setPrice(worker.id, 0n);
    await market.connect(admin).setProtocolFee(500n, treasury);
    const fee = ROYALTY + 1n;
    await market
      .connect(base.requester)
      .request(requestOf(base.versionId, { level: LEVEL.Tee, minFee: fee, maxFee: fee }), "0x03");
    const { job } = await lastJob(base);
    await market.connect(worker.key).fulfill(job, "0x06", await signatureFor(base, job, worker, "0x06"));
    expect([await market.balanceOf(owner), await market.balanceOf(treasury)]).to.deep.equal([ROYALTY, 1n]);
    expect((await market.standingOf(worker.id)).earned).to.equal(0n);
    await expectSolvent(base, [job]);
  });
});

describe("parameters of a market", function () {
  this.timeout(60_000);

  it("are checked where it is deployed", async () => {
    const { market, models, workers, tee, groth16, manager } = await load();
    const parts = {
      models,
      workers,
      teeVerifier: tee,
      zkmlVerifier: groth16,
      currency: ethers.ZeroAddress,
      authority: manager,
    };
    const deploy = (overrides: Partial<Record<keyof typeof PARAMETERS, bigint>>) =>
      ethers.deployContract("MarketRounds", [{ ...PARAMETERS, ...overrides }, parts]);
    const refused = async (name: keyof typeof PARAMETERS, value: bigint, max: bigint) =>
      expect(deploy({ [name]: value }))
        .to.be.revertedWithCustomError(market, "ParameterOutOfRange")
        .withArgs(name, value, max);
    for (const name of [
      "priorityWindow",
      "evidenceWindow",
      "revealWindow",
      "minChallengeWindow",
      "maxChallengeWindow",
      "maxTimeToLive",
    ] as const)
      for (const value of [0n, MOST_WINDOW + 1n]) await refused(name, value, MOST_WINDOW);
    const { maxChallengeWindow, maxTimeToLive } = PARAMETERS;
    await refused("minChallengeWindow", maxChallengeWindow + 1n, maxChallengeWindow);
    await expect(deploy({ priorityWindow: maxTimeToLive / 2n }))
      .to.be.revertedWithCustomError(market, "ParameterOutOfRange")
      .withArgs("priorityWindow", maxTimeToLive, maxTimeToLive - 1n);
    await refused("maxCallbackGas", 10_000_001n, 10_000_000n);
    await refused("jobStake", 0n, 2n ** 80n - 1n);
    await refused("challengeBond", 0n, 2n ** 80n - 1n);
    await refused("missLimit", 0n, 255n);

    await deploy({
      priorityWindow: 1n,
      evidenceWindow: MOST_WINDOW,
      revealWindow: MOST_WINDOW,
      minChallengeWindow: MOST_WINDOW,
      maxChallengeWindow: MOST_WINDOW,
      maxTimeToLive: 3n,
      maxCallbackGas: 10_000_000n,
      jobStake: 1n,
      challengeBond: 1n,
      missLimit: 1n,
    });
  });
});
