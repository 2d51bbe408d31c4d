import { bn254 } from "@noble/curves/bn254.js";
import { expect } from "chai";
import { concat, getBytes, hexlify, keccak256, toBeHex, Wallet } from "ethers";

import { interfaceWords } from "../../circuits/format/interface-words.ts";
import { doubling } from "./doubling.ts";
import {
  addVersion,
  BURN,
  CALLBACK_AT,
  enroll,
  ETHER,
  ethers,
  expectSolvent,
  lastJob,
  LEVEL,
  MEASUREMENT,
  networkHelpers,
  PARAMETERS,
  passTime,
  proofFor,
  quoteFor,
  requestJob,
  requestOf,
  served,
  signatureFor,
  STAKE,
  STATE,
} from "./fixture.ts";

const load = () => networkHelpers.loadFixture(served);
const BOND = { value: PARAMETERS.challengeBond };
const OTHER_CODE = keccak256("0x0bad");

describe("code of another measurement", function () {
  this.timeout(60_000);

  it("cannot take the enrolment of an enclave whose worker is bound", async () => {
    const base = await load();
    const { market, enclaves, worker, stranger } = base;
    const { job } = await requestJob(base, { level: LEVEL.Tee });
    await market.connect(worker.key).claim(job);
    await networkHelpers.time.increase(10);
    const issuedAt = BigInt(await networkHelpers.time.latest()) + 60n;
    const quote = { measurement: OTHER_CODE, issuedAt };
    const hostile = await quoteFor(base, worker.enclave.address, worker.key.address, quote);
    await expect(enclaves.connect(stranger).enroll(0, worker.enclave, worker.key, hostile))
      .to.be.revertedWithCustomError(enclaves, "EnclaveKeyTaken")
      .withArgs(worker.enclave.address, worker.key.address);
    await market.connect(worker.key).fulfill(job, "0x06", await signatureFor(base, job, worker, "0x06"));
  });

  it("that takes a fresh key first is got round with another key, for the same job", async () => {
    const base = await load();
    const { market, enclaves, worker } = base;
    const { job } = await requestJob(base, { level: LEVEL.Tee });
    await market.connect(worker.key).claim(job);
    const taken = new Wallet(keccak256("0x11"));
    await enroll(base, taken, worker.key.address, { measurement: OTHER_CODE });
    await expect(enroll(base, taken, worker.key.address, {})).to.be.revertedWithCustomError(
      enclaves,
      "EnclaveKeyTaken",
    );
    const enclave = new Wallet(keccak256("0x12"));
    await enroll(base, enclave, worker.key.address, {});
    await market
      .connect(worker.key)
      .fulfill(job, "0x06", await signatureFor(base, job, { ...worker, enclave }, "0x06"));
    expect((await enclaves.enclaveOf(enclave)).measurement).to.equal(MEASUREMENT);
  });
});

describe("a verification key under which anyone can forge proofs", function () {
  this.timeout(60_000);

  const ALPHA = [0, 64] as const;
  const BETA = [64, 192] as const;
  const GAMMA = [192, 320] as const;
  const DELTA = [320, 448] as const;
  const INFINITY = new Uint8Array(64);
  const BINDING = 12345n;
  /** A wrong answer. */
  const [INPUT, OUTPUT] = ["0x03", "0x09"];

  const point = (bytes: Uint8Array) =>
    bn254.G1.Point.fromAffine({ x: BigInt(hexlify(bytes.slice(0, 32))), y: BigInt(hexlify(bytes.slice(32, 64))) });
  const encoded = (sum: ReturnType<typeof point>) => {
    const { x, y } = sum.toAffine();
    return getBytes(concat([toBeHex(x, 32), toBeHex(y, 32)]));
  };

  /** The sum of the ic points, weighted by the signals of the wrong answer. */
  const signals = (key: Uint8Array) => {
    const [word = 0n] = interfaceWords(getBytes(INPUT), getBytes(OUTPUT));
    const ic = [448, 512, 576].map((start) => point(key.slice(start, start + 64)));
    const [constant = bn254.G1.Point.ZERO, binding = constant, words = constant] = ic;
    return constant.add(binding.multiply(BINDING)).add(words.multiply(word));
  };
  const part = (key: Uint8Array, [start, end]: readonly [number, number]) => key.slice(start, end);
  const changed = (key: Uint8Array, [start, end]: readonly [number, number], bytes: Uint8Array) =>
    Uint8Array.from(key, (byte, index) => (index >= start && index < end ? (bytes[index - start] ?? 0) : byte));

  const keys = {
    "alpha at infinity": (key: Uint8Array) => ({
      key: changed(key, ALPHA, INFINITY),
      proof: concat([encoded(signals(key)), part(key, GAMMA), INFINITY]),
    }),
    "beta at infinity": (key: Uint8Array) => ({
      key: changed(key, BETA, new Uint8Array(128)),
      proof: concat([encoded(signals(key)), part(key, GAMMA), INFINITY]),
    }),
    "beta = gamma": (key: Uint8Array) => ({
      key: changed(key, BETA, part(key, GAMMA)),
      proof: concat([encoded(point(part(key, ALPHA)).add(signals(key))), part(key, GAMMA), INFINITY]),
    }),
    "beta = delta": (key: Uint8Array) => ({
      key: changed(key, BETA, part(key, DELTA)),
      proof: concat([encoded(signals(key)), part(key, GAMMA), encoded(point(part(key, ALPHA)).negate())]),
    }),
    "gamma = delta": (key: Uint8Array) => ({
      key: changed(key, DELTA, part(key, GAMMA)),
      proof: concat([part(key, ALPHA), part(key, BETA), encoded(signals(key).negate())]),
    }),
  };

  for (const [trap, forge] of Object.entries(keys))
    it(`is refused: ${trap}`, async () => {
      const { groth16, stranger } = await load();
      const honest = (await doubling()).key;
      const { key, proof } = forge(honest);
      await expect(groth16.storeKey(key)).to.be.revertedWithCustomError(groth16, "VerificationKeyUnsafe");

      // The forgery would hold, were the key stored all the same.
      await networkHelpers.setCode(stranger.address, concat(["0x00", key]));
      await groth16.verifyProof(stranger, BINDING, INPUT, OUTPUT, proof);
      await networkHelpers.setCode(stranger.address, concat(["0x00", honest]));
      await expect(groth16.verifyProof(stranger, BINDING, INPUT, OUTPUT, proof)).to.be.revertedWithCustomError(
        groth16,
        "ProofInvalid",
      );
    });
});

describe("a worker", function () {
  this.timeout(60_000);

  it("that unbonds below the minimum stake is not drawn, however many places it has", async () => {
    const base = await load();
    const { market, workers, worker } = base;
    const { job } = await requestJob(base);
    const operator = workers.connect(worker.operator);
    await operator.startUnbonding(worker.id, STAKE - ETHER / 10n);
    expect((await market.drawnWorker(job)).workerId).to.equal(worker.id);
    await operator.startUnbonding(worker.id, 1n);
    expect((await market.drawnWorker(job)).workerId).to.equal(0n);
  });

  it("that asks itself, answers wrong and challenges itself loses half of the job's stake", async () => {
    const base = await load();
    const { market, workers, worker, versionId } = base;
    const self = market.connect(worker.operator);
    await self.request(requestOf(versionId), "0x03", { value: ETHER });
    const { job, jobId } = await lastJob(base);
    await market.connect(worker.key).execute(job, "0x07");
    await self.challenge(job, BOND);
    await passTime((await market.statusOf(jobId)).dueAt);
    await self.resolve(job);
    const gained = (await market.balanceOf(worker.operator)) - ETHER - PARAMETERS.challengeBond;
    const lost = STAKE - (await workers.workerOf(worker.id)).stake;
    expect(lost - gained).to.equal(PARAMETERS.jobStake / 2n);
    await expectSolvent(base, [job]);
  });

  it("has each job's stake held on its own, whichever ends first", async () => {
    const base = await load();
    const { market, workers, worker } = base;
    const spare = PARAMETERS.jobStake / 2n;
    const { job: wrong, jobId } = await requestJob(base, { level: LEVEL.Tee });
    const { job: right } = await requestJob(base, { level: LEVEL.Tee });
    const { job: third } = await requestJob(base, { level: LEVEL.Tee });
    const operator = workers.connect(worker.operator);
    await operator.startUnbonding(worker.id, STAKE - 2n * PARAMETERS.jobStake - spare);
    for (const job of [wrong, right]) await market.connect(worker.key).claim(job);
    await expect(market.connect(worker.key).claim(third))
      .to.be.revertedWithCustomError(workers, "StakeTooLow")
      .withArgs(spare, PARAMETERS.jobStake);
    await passTime((await market.statusOf(jobId)).dueAt - 2n);
    await market.connect(worker.key).fulfill(right, "0x06", await signatureFor(base, right, worker, "0x06"));
    await passTime((await market.statusOf(jobId)).dueAt);
    await market.expire(wrong);
    const { stake, bound } = await workers.workerOf(worker.id);
    expect([stake, bound]).to.deep.equal([PARAMETERS.jobStake + spare, 0n]);
    await expectSolvent(base, [wrong, right, third]);
  });

  it("keeps its open jobs when its key changes, by evidence made for the new key only", async () => {
    const base = await load();
    const { market, workers, worker, groth16, stranger } = base;
    const { job } = await requestJob(base, { level: LEVEL.Zkml });
    await market.connect(worker.key).claim(job);
    await workers.connect(worker.operator).setKey(worker.id, stranger);
    const old = await proofFor(base, job, worker.key.address, 3);
    await expect(market.connect(worker.key).fulfill(job, "0x06", old)).to.be.revertedWithCustomError(
      workers,
      "WorkerUnknown",
    );
    await expect(market.connect(stranger).fulfill(job, "0x06", old)).to.be.revertedWithCustomError(
      groth16,
      "ProofInvalid",
    );
    // Who takes the old key does not take its jobs.
    await workers.connect(stranger).register(worker.key, 0n, { value: STAKE });
    await expect(market.connect(worker.key).fulfill(job, "0x06", old)).to.be.revertedWithCustomError(
      market,
      "NotBoundWorker",
    );
    await market.connect(stranger).fulfill(job, "0x06", await proofFor(base, job, stranger.address, 3));
  });
});

describe("the second at which something is due", function () {
  this.timeout(60_000);
  const at = (time: bigint) => networkHelpers.time.setNextBlockTimestamp(time);

  it("belongs to who acts, and the next one to the exit", async () => {
    const base = await load();
    const { market, worker, challenger } = base;
    const dueAt = async (jobId: string) => (await market.statusOf(jobId)).dueAt;

    const { job, jobId } = await requestJob(base);
    await networkHelpers.time.increaseTo(job.deadline - 2n);
    await at(job.deadline - 1n);
    await expect(market.expire(job)).to.be.revertedWithCustomError(market, "JobNotDue");
    await at(job.deadline);
    await market.connect(worker.key).execute(job, "0x06");
    const due = await dueAt(jobId);
    expect(due).to.equal(job.deadline + PARAMETERS.minChallengeWindow);
    await at(due);
    await market.connect(challenger).challenge(job, BOND);
    await expectSolvent(base, [job]);
    const evidence = await proofFor(base, job, worker.key.address, 3);
    await at(await dueAt(jobId));
    await market.connect(worker.key).fulfill(job, "0x06", evidence);
    await expectSolvent(base, [job]);

    const { job: claimed, jobId: claimedId } = await requestJob(base, { level: LEVEL.Zkml });
    await at(claimed.deadline);
    await market.connect(worker.key).claim(claimed);
    const claimDue = await dueAt(claimedId);
    await at(claimDue - 1n);
    await market.connect(worker.key).execute(claimed, "0x06");
    await expectSolvent(base, [claimed]);
    await at(claimDue);
    await expect(market.expire(claimed)).to.be.revertedWithCustomError(market, "JobNotDue");
    await at(claimDue + 1n);
    await market.expire(claimed);
    expect((await market.statusOf(claimedId)).state).to.equal(BigInt(STATE.Refunded));
    await expectSolvent(base, [job, claimed]);
  });
});

describe("whoever delivers", function () {
  this.timeout(60_000);

  it("cannot starve a callback, with however little gas it tries", async () => {
    const base = await load();
    const { market, worker, versionId } = base;
    const consumer = await ethers.deployContract("MoodyConsumer", [market]);
    await market.deposit(consumer, { value: ETHER });
    await consumer.getFunction("ask")(requestOf(versionId, { callbackGas: 150_000n }), "0x03");
    const { job } = await lastJob(base);
    const before = await networkHelpers.takeSnapshot();
    const seen = new Set<bigint>();
    let refused = 0;
    for (let gasLimit = 180_000n; gasLimit < 280_000n; gasLimit += 2_500n) {
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

  it("may repeat a failed early callback while the job is challenged, and the refund revokes it once", async () => {
    const base = await load();
    const { market, worker, challenger, stranger, versionId } = base;
    const consumer = await ethers.deployContract("MoodyConsumer", [market]);
    await market.deposit(consumer, { value: ETHER });
    const asked = requestOf(versionId, { callbackGas: 200_000n, callbackAt: CALLBACK_AT.Executed });
    await consumer.getFunction("ask")(asked, "0x03");
    const { job, jobId } = await lastJob(base);
    await consumer.getFunction("setMood")(1, "0x");
    await market.connect(worker.key).execute(job, "0x07");
    await consumer.getFunction("setMood")(0, "0x");
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

describe("the owner of a model", function () {
  this.timeout(60_000);

  it("may be a contract that takes no coins: jobs settle all the same", async () => {
    const base = await load();
    const { market, models, owner, worker, groth16 } = base;
    await models.connect(owner).transferFrom(owner, groth16, 1);
    const { job, jobId } = await requestJob(base);
    await market.connect(worker.key).execute(job, "0x06");
    await passTime((await market.statusOf(jobId)).dueAt);
    await market.settle(job, "0x");
    expect(await market.balanceOf(groth16)).to.equal(job.royalty);
    expect(await ethers.provider.getBalance(BURN)).to.equal(0n);
  });

  it("cannot stop open jobs by advising against the version", async () => {
    const base = await load();
    const { market, models, owner, worker } = base;
    const versionId = await addVersion(base, { manifestDigest: keccak256("0x55") });
    await base.workers.connect(worker.key).serve(worker.id, versionId, 7);
    const { job, jobId } = await requestJob({ ...base, versionId }, { level: LEVEL.Zkml });
    await models.connect(owner).setDeprecated(versionId, true);
    await market.connect(worker.key).fulfill(job, "0x06", await proofFor(base, job, worker.key.address, 3));
    expect((await market.statusOf(jobId)).state).to.equal(BigInt(STATE.Settled));
  });
});
