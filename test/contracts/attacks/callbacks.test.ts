import { expect } from "chai";
import { keccak256, Wallet } from "ethers";

import {
  CALLBACK_AT,
  ETHER,
  ethers,
  expectSolvent,
  lastJob,
  networkHelpers,
  PARAMETERS,
  passTime,
  requestOf,
  served,
  STATE,
} from "../fixture.ts";

const BOND = { value: PARAMETERS.challengeBond };
const MOOD = { Good: 0, Reverts: 1 } as const;
const GAS = 200_000n;

async function consuming() {
  const base = await served();
  const consumer = await ethers.deployContract("MoodyConsumer", [base.market]);
  await base.market.deposit(consumer, ETHER, { value: ETHER });
  return { ...base, consumer };
}

const load = () => networkHelpers.loadFixture(consuming);
type Consuming = Awaited<ReturnType<typeof consuming>>;

async function ask({ consumer, versionId, ...base }: Consuming, overrides: Parameters<typeof requestOf>[1] = {}) {
  await consumer.getFunction("ask")(requestOf(versionId, { callbackGas: GAS, ...overrides }), "0x03");
  return lastJob(base);
}

describe("whoever delivers", function () {
  this.timeout(60_000);

  it("in a batch cannot starve a callback: an item that cannot give it its gas is left as it was", async () => {
    const base = await load();
    const { market, worker, consumer, stranger } = base;
    const { job, jobId } = await ask(base, { callbackAt: CALLBACK_AT.Final, callbackGas: 1_000_000n });
    await market.connect(worker.key).execute(job, "0x06");
    await passTime((await market.statusOf(jobId)).dueAt);
    const settle = (gasLimit: bigint) => market.connect(stranger).settleBatch([{ job, output: "0x06" }], { gasLimit });
    await expect(settle(600_000n)).to.emit(market, "BatchItemFailed");
    expect((await market.statusOf(jobId)).state).to.equal(BigInt(STATE.Executed));
    expect(await consumer.getFunction("answer")()).to.equal("0x");
    await expect(settle(2_000_000n)).to.emit(market, "CallbackDelivered");
    expect(await consumer.getFunction("answer")()).to.equal("0x06");
  });

  it("may repeat a failed early callback while the job is challenged, and the refund revokes it once", async () => {
    const base = await load();
    const { market, worker, challenger, stranger, consumer } = base;
    const { job, jobId } = await ask(base);
    await consumer.getFunction("setMood")(MOOD.Reverts, "0x");
    await market.connect(worker.key).execute(job, "0x07");
    await consumer.getFunction("setMood")(MOOD.Good, "0x");
    await market.connect(challenger).challenge(job, BOND);
    const retry = () => market.connect(stranger).retryCallback(job, "0x07");
    await retry();
    await expect(retry()).to.be.revertedWithCustomError(market, "NoCallbackOwed");
    await passTime((await market.statusOf(jobId)).dueAt);
    await market.resolve(job);
    expect(await consumer.getFunction("revocations")()).to.equal(1n);
    await expect(retry()).to.be.revertedWithCustomError(market, "NoCallbackOwed");
    await expectSolvent(base, [job], [consumer]);
  });
});

describe("a consumer", function () {
  this.timeout(60_000);

  it("is not called for a job that it did not ask for, though a signed request may name it", async () => {
    const base = await load();
    const { market, worker, consumer, stranger, versionId } = base;
    const requester = new Wallet(keccak256("0x53"));
    await market.deposit(requester, ETHER, { value: ETHER });
    const { selector } = consumer.interface.getError("JobUnexpected") ?? { selector: "0x" };
    for (const [named, reason] of [
      [await consumer.getAddress(), selector],
      [await market.getAddress(), null],
      [stranger.address, "0x"],
    ] as const) {
      const signed = {
        request: requestOf(versionId, { callbackGas: GAS }),
        inputHash: keccak256("0x03"),
        requester: requester.address,
        consumer: named,
        nonce: BigInt(named),
        validUntil: 2n ** 39n,
        relayFee: 0n,
      };
      const { serialized } = requester.signingKey.sign(await market.signedRequestDigest(signed));
      await market.connect(stranger).requestSigned(signed, "0x03", serialized);
      const { job, jobId } = await lastJob(base);
      const sent = await market.connect(worker.key).execute(job, "0x06");
      await expect(sent).to.emit(market, "CallbackFailed");
      const [failed] = await market.queryFilter(market.filters.CallbackFailed(jobId), -1);
      if (reason !== null) expect(failed?.args.reason.slice(0, 10)).to.equal(reason);
      await passTime((await market.statusOf(jobId)).dueAt);
      await market.settle(job, "0x");
      expect(await consumer.getFunction("answer")()).to.equal("0x");
    }
  });
});
