import { expect } from "chai";
import { array, assert, asyncProperty, bigInt, boolean, constantFrom, record, string, uint8Array } from "fast-check";
import { getAddress, hexlify, toBeHex } from "ethers";

import {
  challenge,
  claim,
  type Client,
  drawnWorker,
  execute,
  feeAt,
  fulfill,
  getJob,
  isContractError,
  jobIdOf,
  type JobTerms,
  jobTermsOf,
  levelNumber,
  LEVELS,
  packJob,
  populate,
  read,
  resultDigest,
  settle,
  simulate,
  type VersionSpec,
  versionIdOf,
} from "../../../workers/sdk/index.ts";
import { callbackTimeNumber } from "../../../workers/sdk/job.ts";
import { ASK, failure, lying, type Market, openMarket } from "./fixture.ts";

const ANSWER = Uint8Array.of(42);
const uint = (bits: number) => bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });
const bytes32 = uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => hexlify(bytes));
const address = uint(160).map((value) => getAddress(toBeHex(value, 20)));

describe("the life of a job", () => {
  let market: Market;
  let requester: Client;
  let worker: Client;

  before(async () => {
    market = await openMarket();
    ({ requester, worker } = market);
  });

  after(() => market.close());

  it("is told from request to settlement, with the place of each event", async () => {
    const { jobId, job, terms, blockNumber, transactionHash } = await market.ask("Zkml");
    expect(await drawnWorker(worker, { job })).to.deep.equal({
      workerId: market.workerId,
      until: terms.requestedAt + 60n,
    });
    await claim(worker, { job });
    expect(await getJob(requester, { jobId })).to.include({ state: "Claimed" });
    await execute(worker, { job, output: ANSWER });
    const receipt = await fulfill(worker, { job, output: ANSWER, evidence: await market.prove(job, 21) });

    const told = await getJob(requester, { jobId });
    expect(told).to.deep.include({ job, level: "Zkml", state: "Settled", input: Uint8Array.of(21) });
    expect(told.timeline.map(({ kind }) => kind)).to.deep.equal([
      "JobRequested",
      "JobClaimed",
      "JobExecuted",
      "JobFulfilled",
      "JobSettled",
    ]);
    expect(told.timeline[0]).to.include({ blockNumber, transactionHash, jobId });
    expect(told.timeline.at(-1)).to.include({ blockNumber: receipt.blockNumber, transactionHash: receipt.hash });
    const places = told.timeline.map((fact) => fact.blockNumber * 1000 + fact.logIndex);
    expect(places).to.deep.equal(places.toSorted((left, right) => left - right));

    const shouted = { jobId: `0x${jobId.slice(2).toUpperCase()}`, fromBlock: blockNumber };
    expect((await getJob(requester, shouted)).timeline).to.deep.equal(told.timeline);
    expect(await failure(getJob(requester, { jobId, fromBlock: blockNumber + 1 }))).to.include({ code: "JOB_UNKNOWN" });
  });

  it("is not told from a node whose job has another id", async () => {
    const { jobId, job } = await market.ask("Vanilla");
    const word = (packed: bigint) => toBeHex(packed, 32).slice(2);
    const { consumerAndMaxFee } = job;
    const { liar } = lying(market, requester, { from: word(consumerAndMaxFee), to: word(consumerAndMaxFee + 1n) });
    expect(await failure(getJob(liar, { jobId }))).to.include({ code: "FACT_MISSING" });
  });

  it("is packed and told as the market does it, with the chain's ids and digests", async () => {
    const terms = record({
      versionId: bytes32,
      inputHash: bytes32,
      requester: address,
      consumer: address,
      level: constantFrom(...LEVELS),
      callbackAt: constantFrom("Executed" as const, "Final" as const),
      callbackGas: uint(32),
      minFee: uint(96),
      maxFee: uint(96),
      requestedAt: uint(39),
      timeToLive: uint(32),
      challengeWindow: uint(32),
      copies: uint(4),
      requestBlock: uint(48),
      candidates: uint(32),
      maxPrice: uint(80),
      royalty: uint(96),
      outputBytes: uint(32),
      textOutput: boolean(),
      feeBasisPoints: uint(16),
      nonce: uint(64),
    }).map(({ timeToLive, ...rest }): JobTerms => ({ ...rest, deadline: rest.requestedAt + timeToLive }));
    await assert(
      asyncProperty(terms, bytes32, address, async (chosen, outputHash, key) => {
        const job = packJob(chosen);
        const told = { ...chosen, level: levelNumber(chosen.level), callbackAt: callbackTimeNumber(chosen.callbackAt) };
        const [packed, described, jobId, digest] = await Promise.all([
          read(requester, { contract: "market", functionName: "packJob", args: [told] }),
          read(requester, { contract: "market", functionName: "describe", args: [job] }),
          read(requester, { contract: "market", functionName: "jobIdOf", args: [job] }),
          read(requester, { contract: "market", functionName: "resultDigest", args: [job, outputHash, key] }),
        ]);
        expect(job).to.deep.equal(packed);
        expect(described).to.deep.equal(told);
        expect(jobTermsOf(job)).to.deep.equal(chosen);
        expect(jobIdOf(market.deployment, job)).to.equal(jobId);
        expect(resultDigest(market.deployment, job, outputHash, key)).to.equal(digest);
      }),
      { numRuns: 30 },
    );
  });

  it("is not packed from what does not fit its place, nor told of what no market knows", async () => {
    const { job, terms } = await market.ask("Vanilla");
    expect(packJob(terms)).to.deep.equal(job);
    expect(Object.isFrozen(terms)).to.equal(true);
    for (const wrong of [{ copies: 16n }, { maxFee: 1n << 96n }, { deadline: terms.requestedAt - 1n }, { nonce: -1n }])
      expect(() => packJob({ ...terms, ...wrong })).to.throw(RangeError);
    expect(() => jobTermsOf({ ...job, schedule: job.schedule | (3n << 6n) })).to.throw("level 3");
  });

  it("is of a version that has the chain's id", async () => {
    const tensors = array(
      record({
        kind: uint(1),
        bits: constantFrom(1n, 8n, 64n),
        decimals: uint(8),
        shape: array(uint(32), { maxLength: 3 }),
      }),
      { maxLength: 3 },
    );
    const specs = record({
      artifactDigest: bytes32,
      manifestDigest: bytes32,
      uri: string({ unit: "grapheme", maxLength: 40 }),
      inputs: tensors,
      outputs: tensors,
      levels: bigInt({ min: 1n, max: 7n }),
      verificationKeyHash: bytes32,
      measurements: array(bytes32, { maxLength: 3 }),
      royalty: uint(96),
      workUnits: uint(32),
      devKeys: boolean(),
    });
    await assert(
      asyncProperty(uint(256), specs, async (modelId, spec: VersionSpec) => {
        const args = [modelId, spec] as const;
        const onChain = await read(requester, { contract: "modelRegistry", functionName: "versionIdOf", args });
        expect(versionIdOf(market.deployment, modelId, spec)).to.equal(onChain);
      }),
      { numRuns: 20 },
    );
  });

  it("costs the least fee at first, and the highest at the deadline", async () => {
    const { job, terms } = await market.ask("Tee");
    const feeAfter = (seconds: bigint) => feeAt(requester, { job, time: terms.requestedAt + seconds });
    // Two workers have priority for a minute each; then the fee rises for the 58 that are left.
    expect([await feeAfter(120n), await feeAfter(3600n)]).to.deep.equal([ASK, 2n * ASK]);
    expect(await feeAfter(1860n)).to.equal(ASK + ASK / 2n);
  });

  it("is moved on by unsigned calls that others sign and send", async () => {
    const { jobId, job } = await market.ask("Vanilla");
    const { to, data, value } = populate.execute(worker, { job, output: ANSWER });
    const sent = await worker.signer?.sendTransaction({ to, data, value });
    await sent?.wait();
    expect(await getJob(requester, { jobId })).to.include({ state: "Executed" });
  });

  it("names the reason before it spends, and when it was overtaken", async () => {
    const { job } = await market.ask("Vanilla");
    await execute(worker, { job, output: ANSWER });
    expect(await failure(settle(worker, { job }))).to.include({ code: "JobNotDue", retryable: true });
    expect(await failure(challenge(market.owner, { job, value: 1n }))).to.include({ code: "BalanceTooLow" });
    const claimed = simulate(worker, { contract: "market", functionName: "claim", args: [job] });
    expect(isContractError(await failure(claimed), "JobStateMismatch")).to.equal(true);

    // Both challenges are possible when they are sent; the second one is mined after the first.
    const { provider, admin } = market;
    await provider.send("evm_setAutomine", [false]);
    const attempts = Promise.allSettled([challenge(requester, { job }), challenge(admin, { job })]);
    let pending: unknown[] = [];
    while (pending.length < 2) pending = (await provider.send("eth_pendingTransactions", [])) as unknown[];
    await provider.send("evm_setAutomine", [true]);
    await provider.send("evm_mine", []);
    const lost = (await attempts).filter((attempt) => attempt.status === "rejected");
    expect(lost.map(({ reason }) => isContractError(reason, "JobStateMismatch"))).to.deep.equal([true]);
  });
});
