import { expect } from "chai";
import { AbiCoder, keccak256, ZeroHash } from "ethers";

import { MEASUREMENT } from "../enclaves.ts";
import {
  addVersion,
  addWorker,
  CALLBACK_AT,
  ETHER,
  ethers,
  expectSolvent,
  type Job,
  lastJob,
  LEVEL,
  MIN_FEE,
  networkHelpers,
  PARAMETERS,
  passTime,
  PRICE,
  proofFor,
  requestJob,
  requestOf,
  ROYALTY,
  served,
  signatureFor,
  STAKE,
  STATE,
} from "../fixture.ts";

const load = () => networkHelpers.loadFixture(served);
const BOND = { value: PARAMETERS.challengeBond };

type Served = Awaited<ReturnType<typeof served>>;

const dueAt = async ({ market }: Served, jobId: string) => (await market.statusOf(jobId)).dueAt;

describe("a worker that changes while its job is open", function () {
  this.timeout(60_000);

  for (const level of ["Tee", "Zkml"] as const)
    it(`keeps the job at ${level} with another key, by evidence made for the new key only`, async () => {
      const base = await load();
      const { market, workers, worker, groth16, tee, stranger } = base;
      const { job, jobId } = await requestJob(base, { level: LEVEL[level] });
      await market.connect(worker.key).claim(job);
      await workers.connect(worker.operator).setKey(worker.id, stranger);
      const evidenceBy = (key: string) =>
        level === "Zkml"
          ? proofFor(base, job, key, 3)
          : market
              .resultDigest(job, keccak256("0x06"), key)
              .then((digest) => worker.enclave.signingKey.sign(digest).serialized);
      const old = await evidenceBy(worker.key.address);
      await expect(market.connect(worker.key).fulfill(job, "0x06", old)).to.be.revertedWithCustomError(
        workers,
        "WorkerUnknown",
      );
      const [verifier, reason] = level === "Zkml" ? [groth16, "ProofInvalid"] : [tee, "EnclaveNotEnrolled"];
      await expect(market.connect(stranger).fulfill(job, "0x06", old)).to.be.revertedWithCustomError(verifier, reason);

      // Who takes the old key does not take its jobs.
      await workers.connect(stranger).register(worker.key, PRICE, STAKE, { value: STAKE });
      await expect(market.connect(worker.key).fulfill(job, "0x06", old))
        .to.be.revertedWithCustomError(market, "NotBoundWorker")
        .withArgs(jobId, worker.id);

      if (level === "Zkml") return market.connect(stranger).fulfill(job, "0x06", await evidenceBy(stranger.address));
      // The enclave is the old key's: the new one needs its own.
      await expect(market.connect(stranger).fulfill(job, "0x06", await evidenceBy(stranger.address)))
        .to.be.revertedWithCustomError(tee, "EnclaveOfOtherWorker")
        .withArgs(worker.enclave.address, worker.key.address, stranger.address);
    });

  it("can unbond, and is slashed all the same; what is bound cannot be withdrawn before the job ends", async () => {
    const base = await load();
    const { market, workers, worker, requester } = base;
    const operator = workers.connect(worker.operator);
    const { job } = await requestJob(base, { level: LEVEL.Tee });
    await market.connect(worker.key).claim(job);
    await operator.startUnbonding(worker.id, STAKE);
    await passTime((await workers.workerOf(worker.id)).unbondingAt);
    await expect(operator.withdrawStake(worker.id, worker.operator))
      .to.be.revertedWithCustomError(workers, "StakeStillBound")
      .withArgs(PARAMETERS.jobStake, 0n);
    const before = await market.balanceOf(requester);
    await market.expire(job);
    expect(await market.balanceOf(requester)).to.equal(before + MIN_FEE + PARAMETERS.jobStake / 2n);
    const rest = STAKE - PARAMETERS.jobStake;
    await expect(operator.withdrawStake(worker.id, worker.operator)).to.changeEtherBalance(
      ethers,
      worker.operator,
      rest,
    );
    expect(await ethers.provider.getBalance(workers)).to.equal(0n);
  });

  it("that unbonds below the minimum stake is not drawn, however many places it has", async () => {
    const base = await load();
    const { market, workers, worker } = base;
    const { job } = await requestJob(base);
    const operator = workers.connect(worker.operator);
    await operator.startUnbonding(worker.id, STAKE - ETHER / 10n);
    const tickets = await workers.ticketsOf(base.versionId, LEVEL.Vanilla, 0, 8);
    expect(tickets.map(({ live }) => live)).to.deep.equal([true, ...Array.from({ length: 7 }, () => false)]);
    await operator.startUnbonding(worker.id, 1n);
    expect((await market.drawnWorker(job)).workerId).to.equal(0n);
    await expect(workers.connect(worker.key).serve(worker.id, base.versionId, 7)).to.be.revertedWithCustomError(
      workers,
      "StakeTooLow",
    );
  });

  it("has each job's stake held on its own, whichever ends first", async () => {
    const base = await load();
    const { market, workers, worker } = base;
    const spare = PARAMETERS.jobStake / 2n;
    const { job: wrong, jobId } = await requestJob(base, { level: LEVEL.Tee });
    const { job: right } = await requestJob(base, { level: LEVEL.Tee });
    const { job: third } = await requestJob(base, { level: LEVEL.Tee });
    const left = 2n * PARAMETERS.jobStake + spare;
    await workers.connect(worker.operator).startUnbonding(worker.id, STAKE - left);
    for (const job of [wrong, right]) await market.connect(worker.key).claim(job);
    await expect(market.connect(worker.key).claim(third))
      .to.be.revertedWithCustomError(market, "StakeMissing")
      .withArgs(worker.id, left, 3n * PARAMETERS.jobStake);
    await passTime((await dueAt(base, jobId)) - 100n);
    await market.connect(worker.key).fulfill(right, "0x06", await signatureFor(base, right, worker, "0x06"));
    await passTime(await dueAt(base, jobId));
    await market.expire(wrong);
    expect((await workers.workerOf(worker.id)).stake).to.equal(PARAMETERS.jobStake + spare);
    expect((await market.standingOf(worker.id)).bound).to.equal(0n);
    await expectSolvent(base, [wrong, right, third]);
  });
});

describe("a model that changes while a job is open", function () {
  this.timeout(60_000);

  it("pays its royalty to whoever owns it when the job is paid", async () => {
    const base = await load();
    const { market, models, owner, stranger, worker } = base;
    const { job, jobId } = await requestJob(base);
    await market.connect(worker.key).execute(job, "0x06");
    await models.connect(owner).transferFrom(owner, stranger, 1);
    await passTime(await dueAt(base, jobId));
    await market.settle(job, "0x");
    expect([await market.balanceOf(owner), await market.balanceOf(stranger)]).to.deep.equal([0n, ROYALTY]);
  });

  it("stops no open job when a version is advised against", async () => {
    const base = await load();
    const { market, models, owner, worker, challenger } = base;
    const versionId = await addVersion(base, { manifestDigest: keccak256("0x55") });
    await base.workers.connect(worker.key).serve(worker.id, versionId, 7);
    const own = { ...base, versionId };
    const { job, jobId } = await requestJob(own, { level: LEVEL.Zkml });
    const { job: vanilla, jobId: vanillaId } = await requestJob(own);
    const { job: late, terms } = await requestJob(own);
    await models.connect(owner).setDeprecated(versionId, true);
    await expect(requestJob(own)).to.be.revertedWithCustomError(market, "VersionDeprecated").withArgs(versionId);
    await market.connect(worker.key).fulfill(job, "0x06", await proofFor(base, job, worker.key.address, 3));
    await market.connect(worker.key).execute(vanilla, "0x06");
    await market.connect(challenger).challenge(vanilla, BOND);
    await market.connect(worker.key).fulfill(vanilla, "0x06", await proofFor(base, vanilla, worker.key.address, 3));
    for (const id of [jobId, vanillaId]) expect((await market.statusOf(id)).state).to.equal(BigInt(STATE.Settled));
    await passTime(terms.deadline);
    await market.expire(late);
    await expectSolvent(base, [job, vanilla, late]);
  });
});

describe("an administrator that acts while a job is open", function () {
  this.timeout(60_000);

  it("cannot change the protocol's share of a fee that was offered before", async () => {
    const base = await load();
    const { market, admin, treasury, worker } = base;
    await market.connect(admin).setProtocolFee(100, treasury);
    const { job, jobId, terms } = await requestJob(base);
    await market.connect(worker.key).execute(job, "0x06");
    await market.connect(admin).setProtocolFee(500, treasury);
    await passTime(await dueAt(base, jobId));
    await market.settle(job, "0x");
    expect(terms.feeBasisPoints).to.equal(100n);
    expect(await market.balanceOf(treasury)).to.equal(MIN_FEE / 100n);
    expect((await market.standingOf(worker.id)).earned).to.equal(MIN_FEE - MIN_FEE / 100n - ROYALTY);
    await expectSolvent(base, [job]);
  });

  it("and no longer accepts an enclave's code leaves the worker time to show other evidence", async () => {
    const base = await load();
    const { market, enclaves, admin, worker, tee, challenger, versionId } = base;
    const { job } = await requestJob(base);
    await market.connect(worker.key).execute(job, "0x06");
    await enclaves.connect(admin).acceptMeasurement(MEASUREMENT, false);
    await market.connect(challenger).challenge(job, BOND);
    // A challenged answer is judged by the strongest evidence that the version has, here a proof.
    await market.connect(worker.key).fulfill(job, "0x06", await proofFor(base, job, worker.key.address, 3));

    const { job: inTee } = await requestJob(base, { level: LEVEL.Tee });
    const signature = await signatureFor(base, inTee, worker, "0x06");
    await expect(market.connect(worker.key).fulfill(inTee, "0x06", signature))
      .to.be.revertedWithCustomError(tee, "MeasurementNotAccepted")
      .withArgs(versionId, MEASUREMENT);
    await enclaves.connect(admin).acceptMeasurement(MEASUREMENT, true);
    await market.connect(worker.key).fulfill(inTee, "0x06", signature);
  });

  it("and pauses stops new requests and no exit: every job ends, and all money can leave", async () => {
    const base = await load();
    const { market, workers, admin, worker, requester, challenger, owner, versionId } = base;
    const second = await addWorker(base, versionId, 1);
    const consumer = await ethers.deployContract("MoodyConsumer", [market]);
    await market.deposit(consumer, ETHER, { value: ETHER });
    const act = market.connect(worker.key);
    const open = (overrides: Parameters<typeof requestOf>[1]) => requestJob(base, overrides);

    const unanswered = await open({});
    const [claimed, proven, early, silent] = [
      await open({ level: LEVEL.Tee }),
      await open({ level: LEVEL.Tee }),
      await open({ level: LEVEL.Tee }),
      await open({ level: LEVEL.Tee }),
    ];
    const [settled, challenged, defended] = [await open({}), await open({}), await open({})];
    const [copied, alone] = [await open({ copies: 2n }), await open({ copies: 3n }).catch(() => null)];
    expect(alone).to.equal(null);
    await consumer.getFunction("ask")(
      requestOf(versionId, { callbackGas: 200_000n, callbackAt: CALLBACK_AT.Final }),
      "0x03",
    );
    const called = await lastJob(base);
    await passTime(called.terms.requestedAt + 2n * PARAMETERS.priorityWindow);
    for (const { job } of [claimed, proven]) await act.claim(job);
    for (const { job } of [early, silent, settled, challenged, defended, called]) await act.execute(job, "0x06");
    for (const { job } of [challenged, defended]) await market.connect(challenger).challenge(job, BOND);
    for (const { key } of [worker, second])
      await market.connect(key).commit(copied.job, commitment(copied.jobId, key.address));

    await market.connect(admin).setPaused(true);
    await expect(open({})).to.be.revertedWithCustomError(market, "RequestsPaused");
    await consumer.getFunction("setMood")(1, "0x");
    for (const { job } of [proven, early])
      await act.fulfill(job, "0x06", await signatureFor(base, job, worker, "0x06"));
    await act.fulfill(defended.job, "0x06", await proofFor(base, defended.job, worker.key.address, 3));
    for (const { key } of [worker, second]) await market.connect(key).reveal(copied.job, "0x06", ZeroHash);
    await market.tally(copied.job, "0x");
    await networkHelpers.time.increase(10_000);
    for (const { job } of [unanswered, claimed, silent]) await market.expire(job);
    await market.resolve(challenged.job);
    for (const { job } of [settled, copied, called]) await market.settle(job, "0x06");
    await consumer.getFunction("setMood")(0, "0x");
    await market.retryCallback(called.job, "0x06");
    await consumer.getFunction("collect")(await market.balanceOf(consumer));

    const jobs = [unanswered, claimed, proven, early, silent, settled, challenged, defended, copied, called];
    for (const { jobId } of jobs)
      expect((await market.statusOf(jobId)).state).to.be.oneOf([BigInt(STATE.Settled), BigInt(STATE.Refunded)]);
    for (const account of [requester, challenger, owner])
      await market.connect(account).withdraw(await market.balanceOf(account), account);
    for (const { id, operator } of [worker, second]) {
      await market.connect(operator).withdrawEarnings(id, operator);
      expect((await market.standingOf(id)).bound).to.equal(0n);
      const { stake } = await workers.workerOf(id);
      await workers.connect(operator).startUnbonding(id, stake);
    }
    expect(await ethers.provider.getBalance(market)).to.equal(0n);
    await networkHelpers.time.increase(90_000);
    for (const { id, operator } of [worker, second]) await workers.connect(operator).withdrawStake(id, operator);
    expect(await ethers.provider.getBalance(workers)).to.equal(0n);
  });
});

function commitment(roundId: string, key: string): string {
  const types = ["bytes32", "address", "bytes32", "bytes32"];
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, [roundId, key, keccak256("0x06"), ZeroHash]));
}

describe("the second at which something is due", function () {
  this.timeout(60_000);

  it("belongs to who acts, and the next one to the exit", async () => {
    const base = await load();
    const { market, worker, challenger } = base;
    const at = (time: bigint) => networkHelpers.time.setNextBlockTimestamp(time);
    const solvent = (job: Job) => expectSolvent(base, [job]);

    const { job, jobId, terms } = await requestJob(base);
    await networkHelpers.time.increaseTo(terms.deadline - 2n);
    await at(terms.deadline - 1n);
    await expect(market.expire(job)).to.be.revertedWithCustomError(market, "JobNotDue");
    await at(terms.deadline);
    await market.connect(worker.key).execute(job, "0x06");
    const due = await dueAt(base, jobId);
    expect(due).to.equal(terms.deadline + PARAMETERS.minChallengeWindow);
    await at(due);
    await market.connect(challenger).challenge(job, BOND);
    await solvent(job);
    const evidence = await proofFor(base, job, worker.key.address, 3);
    await at(await dueAt(base, jobId));
    await market.connect(worker.key).fulfill(job, "0x06", evidence);
    await solvent(job);

    const { job: claimed, jobId: claimedId, terms: last } = await requestJob(base, { level: LEVEL.Zkml });
    await at(last.deadline);
    await market.connect(worker.key).claim(claimed);
    const claimDue = await dueAt(base, claimedId);
    await at(claimDue - 1n);
    await market.connect(worker.key).execute(claimed, "0x06");
    await at(claimDue);
    await expect(market.expire(claimed)).to.be.revertedWithCustomError(market, "JobNotDue");
    await at(claimDue + 1n);
    await market.expire(claimed);
    expect((await market.statusOf(claimedId)).state).to.equal(BigInt(STATE.Refunded));
    await expectSolvent(base, [job, claimed]);
  });
});
