import { expect } from "chai";
import { ZeroHash } from "ethers";

import {
  ethers,
  expectSolvent,
  type Job,
  lastJob,
  LEVEL,
  MAX_FEE,
  networkHelpers,
  passTime,
  requestJob,
  requestOf,
  STATE,
} from "../fixture.ts";
import { ask, type Consuming, consuming, PLENTY, setMood, told } from "./consuming.ts";

const load = () => networkHelpers.loadFixture(consuming);

/** A callback is due, and another job waits to be settled by anyone. */
async function setup() {
  const base = await load();
  const { market, worker } = base;
  const { job: waiting, jobId: waitingId } = await requestJob(base);
  await market.connect(worker.key).execute(waiting, "0x06");
  await passTime((await market.statusOf(waitingId)).dueAt);
  const jobs: Job[] = [waiting];

  /** What comes of a call to the market that the consumer makes while it is called itself. */
  const probe = async (call: string) => {
    const { job, jobId } = await ask(base, { callbackGas: 1_000_000n });
    jobs.push(job);
    await setMood(base, "Probes", call);
    await expect(market.connect(worker.key).execute(job, "0x06", PLENTY))
      .to.emit(market, "CallbackDelivered")
      .withArgs(jobId);
    expect((await market.statusOf(jobId)).state).to.equal(BigInt(STATE.Executed));
    expect((await market.statusOf(waitingId)).state).to.equal(BigInt(STATE.Executed));
    const { probeDone, probeResult } = await told(base);
    return { probeDone, probeResult };
  };
  return { base, waiting, jobs, probe };
}

async function guardSelector({ market }: Pick<Consuming, "market">): Promise<string | undefined> {
  const hot = await ethers.getContractAt("InferenceMarket", market);
  return hot.interface.getError("ReentrancyGuardReentrantCall")?.selector;
}

/** Calls that would touch jobs or money, each with arguments that would do so if it were not guarded. */
async function guardedCalls({ market, worker, consumer, versionId, requester }: Consuming, waiting: Job) {
  const { interface: abi } = market;
  const signed = {
    request: requestOf(versionId),
    inputHash: ZeroHash,
    requester: requester.address,
    consumer: requester.address,
    nonce: 0n,
    validUntil: 2n ** 40n - 1n,
    relayFee: 0n,
  };
  return {
    claim: abi.encodeFunctionData("claim", [waiting]),
    execute: abi.encodeFunctionData("execute", [waiting, "0x06"]),
    fulfill: abi.encodeFunctionData("fulfill", [waiting, "0x06", "0x"]),
    settle: abi.encodeFunctionData("settle", [waiting, "0x06"]),
    challenge: abi.encodeFunctionData("challenge", [waiting]),
    resolve: abi.encodeFunctionData("resolve", [waiting]),
    expire: abi.encodeFunctionData("expire", [waiting]),
    retryCallback: abi.encodeFunctionData("retryCallback", [waiting, "0x06"]),
    commit: abi.encodeFunctionData("commit", [waiting, ZeroHash]),
    openReveals: abi.encodeFunctionData("openReveals", [waiting]),
    reveal: abi.encodeFunctionData("reveal", [waiting, "0x06", ZeroHash]),
    tally: abi.encodeFunctionData("tally", [waiting, "0x06"]),
    commitVerdict: abi.encodeFunctionData("commitVerdict", [waiting, ZeroHash]),
    revealVerdict: abi.encodeFunctionData("revealVerdict", [waiting, ZeroHash, ZeroHash]),
    deposit: abi.encodeFunctionData("deposit", [await consumer.getAddress(), 0n]),
    depositWithPermit: abi.encodeFunctionData("depositWithPermit", [
      await consumer.getAddress(),
      0n,
      0n,
      27,
      ZeroHash,
      ZeroHash,
    ]),
    withdraw: abi.encodeFunctionData("withdraw", [1n, await consumer.getAddress()]),
    withdrawEarnings: abi.encodeFunctionData("withdrawEarnings", [worker.id, await consumer.getAddress()]),
    requestSigned: abi.encodeFunctionData("requestSigned", [signed, "0x03", "0x"]),
    executeBatch: abi.encodeFunctionData("executeBatch", [[{ job: waiting, output: "0x06" }]]),
    settleBatch: abi.encodeFunctionData("settleBatch", [[{ job: waiting, output: "0x" }]]),
    fulfillBatch: abi.encodeFunctionData("fulfillBatch", [[{ job: waiting, output: "0x06", evidence: "0x" }]]),
  };
}

/** What a consumer may do at any time with what is its own, and what it may never do. */
async function openCalls({ market, worker, consumer, versionId, requester }: Consuming) {
  const { interface: abi } = market;
  return {
    request: abi.encodeFunctionData("request", [requestOf(versionId), "0x03"]),
    requestFrom: abi.encodeFunctionData("requestFrom", [requester.address, requestOf(versionId), "0x03"]),
    allowConsumer: abi.encodeFunctionData("allowConsumer", [await consumer.getAddress(), 7n]),
    cancelSigned: abi.encodeFunctionData("cancelSigned", [[7n]]),
    returnToDraws: abi.encodeFunctionData("returnToDraws", [worker.id]),
    setPaused: abi.encodeFunctionData("setPaused", [true]),
    setProtocolFee: abi.encodeFunctionData("setProtocolFee", [500n, await consumer.getAddress()]),
  };
}

describe("a consumer that calls the market while it is called", function () {
  this.timeout(60_000);

  it("is met below at every function that changes anything", async () => {
    const { base, waiting } = await setup();
    const met = { ...(await guardedCalls(base, waiting)), ...(await openCalls(base)) };
    const names: string[] = [];
    base.market.interface.forEachFunction(({ name, constant }) => {
      if (!constant) names.push(name);
    });
    expect(Object.keys(met)).to.have.members(names);
  });

  it("cannot take any step of any job, nor move money", async () => {
    const { base, waiting, jobs, probe } = await setup();
    const selector = await guardSelector(base);
    const had = await base.market.balanceOf(base.consumer);
    for (const [name, call] of Object.entries(await guardedCalls(base, waiting)))
      expect([name, await probe(call)]).to.deep.equal([name, { probeDone: false, probeResult: selector }]);
    const charged = await Promise.all(jobs.slice(1).map((job) => base.market.feeAt(job, 0n)));
    const spent = charged.reduce((sum, fee) => sum + fee, 0n);
    expect(await base.market.balanceOf(base.consumer)).to.equal(had - spent);
    await expectSolvent(base, jobs, [base.consumer]);
    await expect(base.market.settle(waiting, "0x")).to.emit(base.market, "JobSettled");
  });

  it("may ask for itself, and for others who allow it", async () => {
    const { base, jobs, probe } = await setup();
    const { market, consumer, requester } = base;
    const { request, requestFrom } = await openCalls(base);
    expect((await probe(request)).probeDone).to.equal(true);
    const { job: own, terms } = await lastJob(base);
    expect(terms.requester).to.equal(await consumer.getAddress());

    const refused = market.interface.encodeErrorResult("AllowanceTooLow", [
      requester.address,
      await consumer.getAddress(),
      0n,
      MAX_FEE,
    ]);
    expect(await probe(requestFrom)).to.deep.equal({ probeDone: false, probeResult: refused });
    await market.connect(requester).allowConsumer(consumer, MAX_FEE);
    expect((await probe(requestFrom)).probeDone).to.equal(true);
    const { job: paid, terms: paidTerms } = await lastJob(base);
    expect(paidTerms.requester).to.equal(requester.address);
    expect((await probe(requestFrom)).probeDone).to.equal(false);
    await expectSolvent(base, [...jobs, own, paid], [consumer]);
  });

  it("may change what it allows and cancels, and nothing that is another's", async () => {
    const { base, probe } = await setup();
    const { market, workers, consumer, worker } = base;
    const calls = await openCalls(base);
    const own = await consumer.getAddress();
    expect((await probe(calls.allowConsumer)).probeDone).to.equal(true);
    expect(await market.allowanceOf(own, own)).to.equal(7n);
    expect((await probe(calls.cancelSigned)).probeDone).to.equal(true);
    expect([await market.isNonceUsed(own, 7n), await market.isNonceUsed(worker.key, 7n)]).to.deep.equal([true, false]);

    const accounts = await ethers.getContractAt("MarketAccounts", market);
    const notAllowed = accounts.interface.encodeErrorResult("AccessManagedUnauthorized", [own]);
    for (const [call, refusal] of [
      [calls.returnToDraws, workers.interface.encodeErrorResult("WorkerUnknown", [own])],
      [calls.setPaused, notAllowed],
      [calls.setProtocolFee, notAllowed],
    ] as const)
      expect(await probe(call)).to.deep.equal({ probeDone: false, probeResult: refusal });
    expect([await market.paused(), await market.protocolFeeBasisPoints()]).to.deep.equal([false, 0n]);
  });

  it("meets the same guard when a failed callback is repeated", async () => {
    const { base, waiting } = await setup();
    const { market, worker, stranger } = base;
    const { job } = await ask(base, { level: LEVEL.Vanilla, callbackGas: 1_000_000n });
    await setMood(base, "Reverts");
    await market.connect(worker.key).execute(job, "0x06");
    await setMood(base, "Probes", market.interface.encodeFunctionData("settle", [waiting, "0x06"]));
    await expect(market.connect(stranger).retryCallback(job, "0x06", PLENTY)).to.emit(market, "CallbackDelivered");
    const { probeDone, probeResult } = await told(base);
    const selector = await guardSelector(base);
    expect([probeDone, probeResult]).to.deep.equal([false, selector]);
  });
});
