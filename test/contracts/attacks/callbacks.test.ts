import { expect } from "chai";
import { Wallet, keccak256, ZeroAddress, ZeroHash } from "ethers";

import {
  CALLBACK_AT,
  ETHER,
  ethers,
  expectSolvent,
  lastJob,
  LEVEL,
  networkHelpers,
  PARAMETERS,
  passTime,
  requestOf,
  served,
  signatureFor,
  STATE,
} from "../fixture.ts";

const BOND = { value: PARAMETERS.challengeBond };
const MOOD = { Good: 0, Reverts: 1, BurnsGas: 2, ReturnsBomb: 3, RevertsWithBomb: 4, ReEnters: 5 } as const;
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

  it("cannot starve a callback, with however little gas it tries", async () => {
    const base = await load();
    const { market, worker, consumer } = base;
    const { job } = await ask(base, { callbackGas: 150_000n });
    const before = await networkHelpers.takeSnapshot();
    const seen = new Set<bigint>();
    let refused = 0;
    for (let gasLimit = 180_000n; gasLimit < 300_000n; gasLimit += 3_000n) {
      const sent = await market
        .connect(worker.key)
        .execute(job, "0x06", { gasLimit })
        .then((response) => response.wait())
        .catch(() => null);
      if (sent === null) refused++;
      else seen.add(BigInt(String(await consumer.getFunction("gasSeen")())));
      await before.restore();
    }
    expect(seen.size).to.equal(1);
    expect(refused).to.be.greaterThan(5);
    expect(refused).to.be.lessThan(35);
  });

  it("in a batch cannot either: an item whose callback cannot get its gas is left as it was", async () => {
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

describe("a hostile consumer", function () {
  this.timeout(60_000);

  for (const mood of ["BurnsGas", "ReturnsBomb", "RevertsWithBomb"] as const)
    it(`that ${mood} costs whoever delivers no more than the gas it was promised`, async () => {
      const base = await load();
      const { market, worker, consumer } = base;
      const gasOf = async (told: number) => {
        const { job } = await ask(base, { level: LEVEL.Tee });
        const evidence = await signatureFor(base, job, worker, "0x06");
        await consumer.getFunction("setMood")(told, "0x");
        const gasLimit = 2_000_000n;
        const sent = await market.connect(worker.key).fulfill(job, "0x06", evidence, { gasLimit });
        const receipt = await sent.wait();
        expect((await market.statusOf(await market.jobIdOf(job))).state).to.equal(BigInt(STATE.Settled));
        return Number(receipt?.gasUsed ?? 0n);
      };
      await gasOf(MOOD.Reverts);
      const reverting = await gasOf(MOOD.Reverts);
      expect((await gasOf(MOOD[mood])) - reverting).to.be.below(Number(GAS) + 5_000);
    });

  it("cannot re-enter any step that moves money or states", async () => {
    const base = await load();
    const { market, worker, consumer, versionId, requester } = base;
    const { job, jobId } = await ask(base);
    const { interface: abi } = market;
    const target = await consumer.getAddress();
    const signed = {
      request: requestOf(versionId),
      inputHash: ZeroHash,
      requester: requester.address,
      consumer: ZeroAddress,
      nonce: 0n,
      validUntil: 2n ** 39n,
      relayFee: 0n,
    };
    const calls = [
      abi.encodeFunctionData("execute", [job, "0x06"]),
      abi.encodeFunctionData("fulfill", [job, "0x06", "0x"]),
      abi.encodeFunctionData("settle", [job, "0x06"]),
      abi.encodeFunctionData("claim", [job]),
      abi.encodeFunctionData("challenge", [job]),
      abi.encodeFunctionData("resolve", [job]),
      abi.encodeFunctionData("expire", [job]),
      abi.encodeFunctionData("retryCallback", [job, "0x06"]),
      abi.encodeFunctionData("commit", [job, ZeroHash]),
      abi.encodeFunctionData("openReveals", [job]),
      abi.encodeFunctionData("reveal", [job, "0x06", ZeroHash]),
      abi.encodeFunctionData("tally", [job, "0x06"]),
      abi.encodeFunctionData("commitVerdict", [job, ZeroHash]),
      abi.encodeFunctionData("revealVerdict", [job, ZeroHash, ZeroHash]),
      abi.encodeFunctionData("deposit", [target, 0n]),
      abi.encodeFunctionData("depositWithPermit", [target, 0n, 0n, 27, ZeroHash, ZeroHash]),
      abi.encodeFunctionData("withdraw", [1n, target]),
      abi.encodeFunctionData("withdrawEarnings", [worker.id, target]),
      abi.encodeFunctionData("requestSigned", [signed, "0x03", "0x"]),
    ];
    const guarded = ethers.id("ReentrancyGuardReentrantCall()").slice(0, 10);
    await consumer.getFunction("setMood")(MOOD.ReEnters, calls[0]);
    await market.connect(worker.key).execute(job, "0x06");
    expect((await market.statusOf(jobId)).callbackOwed).to.equal(true);
    for (const call of calls) {
      await consumer.getFunction("setMood")(MOOD.ReEnters, call);
      await expect(market.retryCallback(job, "0x06")).to.emit(market, "CallbackFailed").withArgs(jobId, guarded);
    }
    await expectSolvent(base, [job], [consumer]);
  });

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
