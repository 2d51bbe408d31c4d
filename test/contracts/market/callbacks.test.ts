import { expect } from "chai";

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
  requestOf,
  STATE,
} from "../fixture.ts";
import { ask, CALLBACK_GAS, consuming, setMood, told } from "./consuming.ts";

const load = () => networkHelpers.loadFixture(consuming);
const BOND = { value: PARAMETERS.challengeBond };

describe("callbacks", function () {
  this.timeout(60_000);

  it("reach the consumer with the answer and with exactly the gas that was asked for", async () => {
    const base = await load();
    const { market, worker } = base;
    const { job, jobId } = await ask(base);
    await expect(market.connect(worker.key).execute(job, "0x06")).to.emit(market, "CallbackDelivered").withArgs(jobId);
    const { answer, isFinal, gasSeen } = await told(base);
    expect([answer, isFinal]).to.deep.equal(["0x06", false]);
    expect(gasSeen < CALLBACK_GAS && gasSeen > CALLBACK_GAS - 30_000n).to.equal(true);

    // Nothing is delivered twice.
    await passTime((await market.statusOf(jobId)).dueAt);
    await expect(market.settle(job, "0x")).not.to.emit(market, "CallbackDelivered");
  });

  it("wait for finality when the requester wants that, and then need the output again", async () => {
    const base = await load();
    const { market, worker } = base;
    const { job, jobId } = await ask(base, { callbackAt: CALLBACK_AT.Final });
    await expect(market.connect(worker.key).execute(job, "0x06")).not.to.emit(market, "CallbackDelivered");
    await passTime((await market.statusOf(jobId)).dueAt);
    for (const output of ["0x", "0x07"])
      await expect(market.settle(job, output)).to.be.revertedWithCustomError(market, "OutputMismatch").withArgs(jobId);
    await expect(market.settle(job, "0x06")).to.emit(market, "CallbackDelivered");
    expect((await told(base)).isFinal).to.equal(true);
  });

  it("revoke an early answer that stays unproven", async () => {
    const base = await load();
    const { market, worker, consumer } = base;
    const { job, jobId } = await ask(base, { level: LEVEL.Zkml });
    await market.connect(worker.key).execute(job, "0x07");
    expect((await market.statusOf(jobId)).answeredEarly).to.equal(true);
    await passTime((await market.statusOf(jobId)).dueAt);
    await expect(market.expire(job)).to.emit(market, "CallbackDelivered");
    expect((await told(base)).revocations).to.equal(1n);
    await expectSolvent(base, [job], [consumer]);
  });

  it("that fail to revoke can be repeated by anyone, until one succeeds", async () => {
    const base = await load();
    const { market, worker, consumer, challenger, stranger } = base;
    const { job, jobId } = await ask(base);
    await market.connect(worker.key).execute(job, "0x07");
    await market.connect(challenger).challenge(job, BOND);
    await passTime((await market.statusOf(jobId)).dueAt);
    await setMood(base, "Reverts");
    await expect(market.resolve(job)).to.emit(market, "CallbackFailed");
    await expectSolvent(base, [job], [consumer]);
    expect((await market.statusOf(jobId)).callbackOwed).to.equal(true);
    await expect(market.connect(stranger).retryCallback(job, "0x")).to.emit(market, "CallbackFailed");
    expect((await market.statusOf(jobId)).callbackOwed).to.equal(true);
    await setMood(base, "Good");
    await expect(market.connect(stranger).retryCallback(job, "0x")).to.emit(market, "CallbackDelivered");
    expect((await told(base)).revocations).to.equal(1n);
    expect((await market.statusOf(jobId)).state).to.equal(BigInt(STATE.Refunded));
    await expect(market.retryCallback(job, "0x"))
      .to.be.revertedWithCustomError(market, "NoCallbackOwed")
      .withArgs(jobId);
    await expectSolvent(base, [job], [consumer]);
  });

  it("that fail with an answer can be repeated by anyone, with the same answer alone", async () => {
    const base = await load();
    const { market, worker, stranger } = base;
    const { job, jobId } = await ask(base);
    await setMood(base, "Reverts");
    await market.connect(worker.key).execute(job, "0x06");
    await expect(market.connect(stranger).retryCallback(job, "0x06")).to.emit(market, "CallbackFailed");
    await setMood(base, "Good");
    await expect(market.connect(stranger).retryCallback(job, "0x07"))
      .to.be.revertedWithCustomError(market, "OutputMismatch")
      .withArgs(jobId);
    await expect(market.connect(stranger).retryCallback(job, "0x06")).to.emit(market, "CallbackDelivered");
    const { answer, isFinal } = await told(base);
    expect([answer, isFinal]).to.deep.equal(["0x06", false]);
    const { answeredEarly, callbackOwed } = await market.statusOf(jobId);
    expect([answeredEarly, callbackOwed]).to.deep.equal([true, false]);
    await expect(market.retryCallback(job, "0x06")).to.be.revertedWithCustomError(market, "NoCallbackOwed");
  });

  it("that fail early need no revocation, and are delivered as final after settlement", async () => {
    const base = await load();
    const { market, worker } = base;
    const { job, jobId } = await ask(base);
    await setMood(base, "Reverts");
    await market.connect(worker.key).execute(job, "0x06");
    const { answeredEarly, callbackOwed } = await market.statusOf(jobId);
    expect([answeredEarly, callbackOwed]).to.deep.equal([false, true]);
    await passTime((await market.statusOf(jobId)).dueAt);
    await market.settle(job, "0x");
    await setMood(base, "Good");
    await market.retryCallback(job, "0x06");
    expect((await told(base)).isFinal).to.equal(true);

    const { job: unproven, jobId: unprovenId } = await ask(base, { level: LEVEL.Zkml });
    await setMood(base, "Reverts");
    await market.connect(worker.key).execute(unproven, "0x06");
    await passTime((await market.statusOf(unprovenId)).dueAt);
    await expect(market.expire(unproven)).not.to.emit(market, "CallbackFailed");
    await expect(market.retryCallback(unproven, "0x06")).to.be.revertedWithCustomError(market, "NoCallbackOwed");
  });

  it("to an account without code fail without harm, and may be repeated once it has code", async () => {
    const base = await load();
    const { market, requester, worker, versionId, consumer } = base;
    await market.connect(requester).request(requestOf(versionId, { callbackGas: CALLBACK_GAS }), "0x03");
    const { job, jobId } = await lastJob(base);
    await expect(market.connect(worker.key).execute(job, "0x06"))
      .to.emit(market, "CallbackFailed")
      .withArgs(jobId, "0x");
    await passTime((await market.statusOf(jobId)).dueAt);
    await expect(market.settle(job, "0x")).to.emit(market, "JobSettled");
    await expectSolvent(base, [job], [consumer]);
    // A contract that stops and nothing else takes every call.
    await networkHelpers.setCode(requester.address, "0x00");
    await expect(market.retryCallback(job, "0x06")).to.emit(market, "CallbackDelivered");
    await networkHelpers.setCode(requester.address, "0x");
  });

  it("may ask for another inference", async () => {
    const base = await load();
    const { market, worker, consumer } = base;
    const { job } = await ask(base, { callbackGas: 400_000n });
    await setMood(base, "AsksAgain");
    const executed = market.connect(worker.key).execute(job, "0x06");
    await expect(executed).to.emit(market, "JobRequested");
    await expect(executed).to.emit(market, "CallbackDelivered");
    const again = await lastJob(base);
    expect(again.terms.consumer).to.equal(await consumer.getAddress());
    await expectSolvent(base, [job, again.job], [consumer]);
    await expect(market.connect(worker.key).execute(again.job, "0x06")).to.emit(market, "CallbackDelivered");
    await expectSolvent(base, [job, again.job], [consumer]);
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
