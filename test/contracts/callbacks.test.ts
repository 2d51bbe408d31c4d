import { expect } from "chai";
import { concat, type ContractTransactionResponse } from "ethers";

import {
  CALLBACK_AT,
  ETHER,
  ethers,
  expectSolvent,
  lastJob,
  LEVEL,
  MAX_FEE,
  networkHelpers,
  PARAMETERS,
  passTime,
  proofFor,
  requestOf,
  served,
  STATE,
} from "./fixture.ts";

const MOOD = {
  Good: 0,
  Reverts: 1,
  BurnsGas: 2,
  ReturnsBomb: 3,
  RevertsWithBomb: 4,
  ReEnters: 5,
  SelfDestructs: 6,
  AsksAgain: 7,
} as const;
const GAS = 200_000n;
const BOND = { value: PARAMETERS.challengeBond };

const load = () => networkHelpers.loadFixture(consuming);

async function consuming() {
  const base = await served();
  const consumer = await ethers.deployContract("MoodyConsumer", [base.market]);
  await base.market.deposit(consumer, { value: ETHER });
  return { ...base, consumer };
}

type Consuming = Awaited<ReturnType<typeof consuming>>;

async function ask({ consumer, versionId, ...base }: Consuming, overrides: Parameters<typeof requestOf>[1]) {
  await consumer.getFunction("ask")(requestOf(versionId, { callbackGas: GAS, ...overrides }), "0x03");
  return lastJob(base);
}

describe("callbacks", function () {
  this.timeout(60_000);

  it("reach the consumer with the answer and with exactly the gas that was asked for", async () => {
    const base = await load();
    const { market, worker, consumer } = base;
    const { job, jobId } = await ask(base, {});
    await expect(market.connect(worker.key).execute(job, "0x06")).to.emit(market, "CallbackDelivered").withArgs(jobId);
    expect([await consumer.getFunction("answer")(), await consumer.getFunction("isFinal")()]).to.deep.equal([
      "0x06",
      false,
    ]);
    const seen = BigInt(String(await consumer.getFunction("gasSeen")()));
    expect(seen < GAS && seen > GAS - 30_000n).to.equal(true);

    // Nothing is delivered twice.
    await passTime((await market.statusOf(jobId)).dueAt);
    await expect(market.settle(job, "0x")).not.to.emit(market, "CallbackDelivered");
  });

  it("wait for finality when the requester wants that, and then need the output again", async () => {
    const base = await load();
    const { market, worker, consumer } = base;
    const { job, jobId } = await ask(base, { callbackAt: CALLBACK_AT.Final });
    await expect(market.connect(worker.key).execute(job, "0x06")).not.to.emit(market, "CallbackDelivered");
    await passTime((await market.statusOf(jobId)).dueAt);
    for (const output of ["0x", "0x07"])
      await expect(market.settle(job, output)).to.be.revertedWithCustomError(market, "OutputMismatch").withArgs(jobId);
    await expect(market.settle(job, "0x06")).to.emit(market, "CallbackDelivered");
    expect(await consumer.getFunction("isFinal")()).to.equal(true);
  });

  it("revoke an early answer that stays unproven", async () => {
    const base = await load();
    const { market, worker, consumer } = base;
    const { job, jobId } = await ask(base, { level: LEVEL.Zkml });
    await market.connect(worker.key).execute(job, "0x07");
    expect((await market.statusOf(jobId)).answeredEarly).to.equal(true);
    await passTime((await market.statusOf(jobId)).dueAt);
    await expect(market.expire(job)).to.emit(market, "CallbackDelivered");
    expect(await consumer.getFunction("revocations")()).to.equal(1n);
    await expectSolvent(base, [job], [consumer]);
  });

  it("that fail to revoke can be repeated by anyone", async () => {
    const base = await load();
    const { market, worker, consumer, challenger, stranger } = base;
    const { job, jobId } = await ask(base, {});
    await market.connect(worker.key).execute(job, "0x07");
    await market.connect(challenger).challenge(job, BOND);
    await passTime((await market.statusOf(jobId)).dueAt);
    await consumer.getFunction("setMood")(MOOD.Reverts, "0x");
    await expect(market.resolve(job)).to.emit(market, "CallbackFailed");
    await expectSolvent(base, [job], [consumer]);
    expect((await market.statusOf(jobId)).callbackOwed).to.equal(true);
    await market.connect(stranger).retryCallback(job, "0x");
    expect((await market.statusOf(jobId)).callbackOwed).to.equal(true);
    await consumer.getFunction("setMood")(MOOD.Good, "0x");
    await expect(market.connect(stranger).retryCallback(job, "0x")).to.emit(market, "CallbackDelivered");
    expect(await consumer.getFunction("revocations")()).to.equal(1n);
    await expect(market.retryCallback(job, "0x")).to.be.revertedWithCustomError(market, "NoCallbackOwed");
  });

  for (const mood of ["Reverts", "BurnsGas", "RevertsWithBomb", "ReEnters"] as const)
    it(`pay the worker all the same when the consumer ${mood}, and can be repeated`, async () => {
      const base = await load();
      const { market, worker, consumer, stranger } = base;
      const { job, jobId } = await ask(base, { level: LEVEL.Zkml });
      const reEntry = market.interface.encodeFunctionData("withdraw", [1n, await consumer.getAddress()]);
      await consumer.getFunction("setMood")(MOOD[mood], reEntry);
      const proof = await proofFor(base, job, worker.key.address, 3);
      const fulfilled = market.connect(worker.key).fulfill(job, "0x06", proof, { gasLimit: 3_000_000n });
      await expect(fulfilled).to.emit(market, "JobSettled");
      await expect(fulfilled).to.emit(market, "CallbackFailed");
      const { state, callbackOwed, answeredEarly } = await market.statusOf(jobId);
      expect([state, callbackOwed, answeredEarly]).to.deep.equal([BigInt(STATE.Settled), true, false]);
      expect((await market.balanceOf(worker.operator)) > 0n).to.equal(true);
      await expectSolvent(base, [job], [consumer]);
      expect((await reasonOf(market, fulfilled)).length).to.be.at.most(2 + 2 * 132);

      await expect(market.retryCallback(job, "0x07")).to.be.revertedWithCustomError(market, "OutputMismatch");
      await consumer.getFunction("setMood")(MOOD.Good, "0x");
      await expect(market.connect(stranger).retryCallback(job, "0x06")).to.emit(market, "CallbackDelivered");
      expect([await consumer.getFunction("answer")(), await consumer.getFunction("isFinal")()]).to.deep.equal([
        "0x06",
        true,
      ]);
    });

  for (const mood of ["ReturnsBomb", "SelfDestructs"] as const)
    it(`count as delivered when the consumer ${mood}`, async () => {
      const base = await load();
      const { market, worker, consumer } = base;
      const { job } = await ask(base, { level: LEVEL.Zkml });
      await consumer.getFunction("setMood")(MOOD[mood], "0x");
      const proof = await proofFor(base, job, worker.key.address, 3);
      await expect(market.connect(worker.key).fulfill(job, "0x06", proof)).to.emit(market, "CallbackDelivered");
      await expectSolvent(base, [job], [consumer]);
    });

  it("cannot re-enter any step of any job", async () => {
    const base = await load();
    const { market, worker, consumer } = base;
    const { job } = await ask(base, {});
    const guarded = [
      market.interface.encodeFunctionData("settle", [job, "0x06"]),
      market.interface.encodeFunctionData("expire", [job]),
      market.interface.encodeFunctionData("resolve", [job]),
      market.interface.encodeFunctionData("claim", [job]),
      market.interface.encodeFunctionData("execute", [job, "0x06"]),
      market.interface.encodeFunctionData("fulfill", [job, "0x06", "0x"]),
      market.interface.encodeFunctionData("challenge", [job]),
      market.interface.encodeFunctionData("retryCallback", [job, "0x06"]),
    ];
    const selector = market.interface.getError("ReentrancyGuardReentrantCall")?.selector;
    for (const reEntry of guarded) {
      await consumer.getFunction("setMood")(MOOD.ReEnters, reEntry);
      const { job: next } = await ask(base, {});
      const executed = market.connect(worker.key).execute(next, "0x06", { gasLimit: 3_000_000n });
      expect(await reasonOf(market, executed)).to.equal(selector);
    }
  });

  it("may ask for another inference", async () => {
    const base = await load();
    const { market, worker, consumer } = base;
    const { job } = await ask(base, { callbackGas: 400_000n });
    await consumer.getFunction("setMood")(MOOD.AsksAgain, "0x");
    const executed = market.connect(worker.key).execute(job, "0x06");
    await expect(executed).to.emit(market, "JobRequested");
    await expect(executed).to.emit(market, "CallbackDelivered");
    await expectSolvent(base, [job, (await lastJob(base)).job], [consumer]);
  });

  it("that fail early need no revocation, and are delivered as final after settlement", async () => {
    const base = await load();
    const { market, worker, consumer } = base;
    const { job, jobId } = await ask(base, {});
    await consumer.getFunction("setMood")(MOOD.Reverts, "0x");
    await market.connect(worker.key).execute(job, "0x06");
    const { answeredEarly, callbackOwed } = await market.statusOf(jobId);
    expect([answeredEarly, callbackOwed]).to.deep.equal([false, true]);
    await passTime((await market.statusOf(jobId)).dueAt);
    await market.settle(job, "0x");
    await consumer.getFunction("setMood")(MOOD.Good, "0x");
    await market.retryCallback(job, "0x06");
    expect(await consumer.getFunction("isFinal")()).to.equal(true);

    const { job: unproven, jobId: unprovenId } = await ask(base, { level: LEVEL.Zkml });
    await consumer.getFunction("setMood")(MOOD.Reverts, "0x");
    await market.connect(worker.key).execute(unproven, "0x06");
    await passTime((await market.statusOf(unprovenId)).dueAt);
    await market.expire(unproven);
    await expect(market.retryCallback(unproven, "0x06")).to.be.revertedWithCustomError(market, "NoCallbackOwed");
  });

  it("that cannot get their gas make the delivery revert, not fail", async () => {
    const base = await load();
    const { market, worker } = base;
    const { job, jobId } = await ask(base, { callbackGas: 1_000_000n });
    await expect(
      market.connect(worker.key).execute(job, "0x06", { gasLimit: 1_000_000n }),
    ).to.be.revertedWithCustomError(market, "CallbackGasMissing");
    expect((await market.statusOf(jobId)).state).to.equal(BigInt(STATE.Requested));
    await expect(market.connect(worker.key).execute(job, "0x06", { gasLimit: 1_200_000n })).to.emit(
      market,
      "CallbackDelivered",
    );
  });

  it("to an account without code fail without harm", async () => {
    const base = await load();
    const { market, requester, worker, versionId } = base;
    await market.connect(requester).request(requestOf(versionId, { callbackGas: GAS }), "0x03");
    const { job, jobId } = await lastJob(base);
    await expect(market.connect(worker.key).execute(job, "0x06"))
      .to.emit(market, "CallbackFailed")
      .withArgs(jobId, "0x");
  });

  it("are believed by the base consumer only from its market, and only for its own jobs", async () => {
    const base = await load();
    const { market, consumer } = base;
    const jobId = ethers.ZeroHash;
    await expect(consumer.getFunction("onInference")(jobId, "0x06", true)).to.be.revertedWithCustomError(
      consumer,
      "CallerNotMarket",
    );
    await expect(consumer.getFunction("onRevocation")(jobId)).to.be.revertedWithCustomError(
      consumer,
      "CallerNotMarket",
    );
    await networkHelpers.impersonateAccount(await market.getAddress());
    await networkHelpers.setBalance(await market.getAddress(), ETHER);
    const marketSigner = await ethers.getSigner(await market.getAddress());
    await expect(consumer.connect(marketSigner).getFunction("onInference")(jobId, "0x06", true))
      .to.be.revertedWithCustomError(consumer, "JobUnexpected")
      .withArgs(jobId);
    await expect(consumer.connect(marketSigner).getFunction("onRevocation")(jobId))
      .to.be.revertedWithCustomError(consumer, "JobUnexpected")
      .withArgs(jobId);
  });

  it("fill the support desk, and its refunds go to its owner", async () => {
    const base = await load();
    const { market, worker, versionId, stranger } = base;
    const untyped = await ethers.deployContract("SupportDesk", [market, versionId]);
    const desk = await ethers.getContractAt("SupportDesk", untyped);
    await desk.connect(stranger).ask("0x03", LEVEL.Zkml, { value: MAX_FEE });
    const { job, jobId } = await lastJob(base);
    await market.connect(worker.key).execute(job, "0x07");
    expect([...(await desk.questions(jobId))]).to.deep.equal([stranger.address, 7n, true, false]);
    await passTime((await market.statusOf(jobId)).dueAt);
    await expect(market.expire(job)).to.emit(desk, "Reopened").withArgs(jobId);
    expect((await desk.questions(jobId)).isAnswered).to.equal(false);
    const held = await market.balanceOf(desk);
    expect(held > MAX_FEE).to.equal(true);
    await expect(desk.collect()).to.changeEtherBalance(ethers, base.admin, held);
  });
});

async function reasonOf(market: Consuming["market"], sending: Promise<ContractTransactionResponse>): Promise<string> {
  const receipt = await (await sending).wait();
  for (const log of receipt?.logs ?? []) {
    const event = market.interface.parseLog(log);
    if (event?.name === "CallbackFailed") return String(event.args[1]);
  }
  return concat([]);
}
