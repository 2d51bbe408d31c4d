import { expect } from "chai";
import { assert, asyncProperty, bigInt, property, record, uint8Array } from "fast-check";
import { getAddress, hexlify, keccak256, toBeHex } from "ethers";

import { feeFor } from "../../../workers/sdk/actions/quote-fee.ts";
import {
  bindingOf,
  type Client,
  challenge,
  claim,
  decodeMarketLogs,
  deposit,
  drawnWorker,
  execute,
  expire,
  feeAt,
  fulfill,
  getJob,
  getVersion,
  HttpStore,
  type Job,
  jobIdOf,
  type Level,
  openProvider,
  populate,
  proofEvidence,
  publishModel,
  read,
  request,
  resultDigest,
  serve,
  settle,
  versionIdOf,
  verifyResult,
  waitForResult,
  withdraw,
  balanceOf,
  quoteFee,
  write,
} from "../../../workers/sdk/index.ts";
import { doubling } from "../../contracts/doubling.ts";
import { ASK, ETHER, failure, type Market, openMarket } from "./fixture.ts";

describe("the life of a job through the SDK", () => {
  let market: Market;
  let requester: Client;
  let worker: Client;

  before(async () => {
    market = await openMarket();
    ({ requester, worker } = market);
  });

  after(() => market.close());

  const ask = async (level: Level, input = 21n) => {
    const asked = await request(requester, { versionId: market.versionId, level, input: [[input]], maxFee: 2n * ASK });
    await market.mine();
    return asked;
  };

  const prove = async (job: Job, input: number): Promise<Uint8Array> => {
    const digest = resultDigest(market.deployment, job, keccak256(Uint8Array.of(2 * input)), market.workerKey);
    const proof = await (await doubling()).prove(bindingOf(digest), input);
    return proofEvidence(proof, Uint8Array.of(input));
  };

  const passTime = (until: bigint) => market.connection.networkHelpers.time.increaseTo(until + 1n);

  it("publishes facts that hash to the version's id, and files that anyone can fetch", async () => {
    const version = await getVersion(requester, { versionId: market.versionId });
    expect(versionIdOf(market.deployment, version.modelId, version.spec)).to.equal(market.versionId);
    expect(version.levels).to.deep.equal(["Vanilla", "Tee", "Zkml"]);
    expect(version.inputs).to.deep.equal([{ kind: "uint", bits: 8, decimals: 0, shape: [1] }]);
    const manifest = await new HttpStore(version.spec.uri).get(market.manifestCid);
    expect(Array.from(manifest)).to.deep.equal(Array.from(market.publication.manifest));
  });

  it("refuses to publish what could never work", async () => {
    const { owner, publication } = market;
    const codeOf = async (change: object) => (await failure(publishModel(owner, { ...publication, ...change }))).code;
    expect(await codeOf({ files: publication.files.slice(1) })).to.equal("FILE_MISSING");
    expect(await codeOf({ levels: ["Tee"] })).to.equal("PUBLICATION_INVALID");
    expect(await codeOf({ manifest: Uint8Array.of(1) })).to.equal("MANIFEST_INVALID");
    expect(await codeOf({ modelId: market.modelId })).to.equal("VersionExists");
    expect(await codeOf({ sample: { ...publication.sample, binding: 2n } })).to.equal("ProofInvalid");
    expect(
      (await failure(publishModel(requester, { ...publication, modelId: market.modelId, royalty: 1n }))).code,
    ).to.equal("NotModelOwner");
  });

  it("computes ids and digests as the chain does", async () => {
    const uint = (bits: number) => bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });
    const bytes32 = uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => hexlify(bytes));
    const address = uint(160).map((value) => getAddress(toBeHex(value, 20)));
    const { job: template } = await ask("Vanilla");
    const jobs = record({
      versionId: bytes32,
      inputHash: bytes32,
      requester: address,
      consumer: address,
      maxFee: uint(96),
      deadline: uint(40),
      nonce: uint(64),
      level: bigInt({ min: 0n, max: 2n }),
    });
    await assert(
      asyncProperty(jobs, bytes32, address, async (fields, outputHash, key) => {
        const job: Job = { ...template, ...fields };
        const [jobId, digest] = await Promise.all([
          read(requester, { contract: "market", functionName: "jobIdOf", args: [job] }),
          read(requester, { contract: "market", functionName: "resultDigest", args: [job, outputHash, key] }),
        ]);
        expect(jobIdOf(market.deployment, job)).to.equal(jobId);
        expect(resultDigest(market.deployment, job, outputHash, key)).to.equal(digest);
      }),
      { numRuns: 20 },
    );
  });

  it("quotes the least fee of which the cheapest worker keeps what it asks", async () => {
    const { cheapest, serving } = await quoteFee(requester, { versionId: market.versionId, level: "Tee" });
    expect([cheapest, serving]).to.deep.equal([ASK, 1n]);
    const amount = bigInt({ min: 0n, max: 1n << 80n });
    assert(
      property(
        amount,
        amount,
        bigInt({ min: 1n, max: 1000n }),
        bigInt({ min: 0n, max: 500n }),
        (price, royalty, workUnits, points) => {
          const kept = (fee: bigint) => fee - (fee * points) / 10_000n - royalty;
          const fee = feeFor(price, { workUnits, royalty }, points);
          expect(kept(fee) >= price * workUnits).to.equal(true);
          expect(fee === 0n || kept(fee - 1n) < price * workUnits).to.equal(true);
        },
      ),
    );
  });

  it("proves a Zkml answer that the requester verifies alone", async () => {
    const { jobId, job } = await ask("Zkml");
    const { workerId } = await drawnWorker(worker, { job });
    expect(workerId).to.equal(market.workerId);
    expect((await failure(verifyResult(requester, { jobId }))).code).to.equal("JOB_UNANSWERED");
    await claim(worker, { job });
    expect((await getJob(requester, { jobId })).state).to.equal("Claimed");
    const evidence = await prove(job, 21);
    const receipt = await fulfill(worker, { job, output: Uint8Array.of(42), evidence });
    expect(decodeMarketLogs(receipt.logs).map(({ kind }) => kind)).to.include.members(["JobFulfilled", "JobSettled"]);

    const result = await waitForResult(requester, { jobId, finality: "final" });
    expect(result).to.deep.include({ outputs: [[42n]], isFinal: true, workerId: market.workerId, fee: ASK });
    expect(result.transactions.JobFulfilled).to.equal(receipt.hash);
    const verified = await verifyResult(requester, { jobId });
    if (verified.evidence !== "proof") throw new Error(verified.evidence);
    expect([verified.worker, verified.devKeys, verified.caveats.length]).to.deep.equal([market.workerKey, true, 1]);
  });

  it("does not believe a node that shows another proof, key or input", async () => {
    const { jobId, job } = await ask("Zkml", 5n);
    const evidence = await prove(job, 5);
    await fulfill(worker, { job, output: Uint8Array.of(10), evidence });
    const proofHex = hexlify(evidence).slice(2, 66);
    const checkAgainst = async (method: string, from: string, to: string) => {
      const provider = openProvider(market.url, market.deployment);
      const send = provider.send.bind(provider);
      // A node that lies in the answers to one method.
      provider.send = async (name, parameters) => {
        const answer: unknown = await send(name, parameters);
        return name === method ? JSON.parse(JSON.stringify(answer).replaceAll(from, to)) : answer;
      };
      const error = await failure(verifyResult({ ...requester, provider }, { jobId }));
      provider.destroy();
      return [error.code, error.details["check"]];
    };
    const forged = proofHex.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"));
    expect(await checkAgainst("eth_getTransactionByHash", proofHex, forged)).to.deep.equal([
      "RESULT_UNVERIFIED",
      "proof",
    ]);
    const { sample, verificationKey } = market.publication;
    const keyHex = hexlify(verificationKey).slice(2, 66);
    expect(await checkAgainst("eth_getCode", keyHex, proofHex)).to.deep.equal(["RESULT_UNVERIFIED", "verificationKey"]);
    // Another genuine proof of the same circuit, but of another job.
    expect(
      await checkAgainst(
        "eth_getTransactionByHash",
        hexlify(evidence.subarray(0, 256)).slice(2),
        hexlify(sample.proof).slice(2),
      ),
    ).to.deep.equal(["RESULT_UNVERIFIED", "proof"]);
  });

  it("verifies an enclave's signature and its enrolment", async () => {
    const { jobId, job } = await ask("Tee");
    const output = Uint8Array.of(42);
    const digest = resultDigest(market.deployment, job, keccak256(output), market.workerKey);
    const sign = (text: string) =>
      Uint8Array.from(Buffer.from(market.enclave.signingKey.sign(text).serialized.slice(2), "hex"));
    expect((await failure(fulfill(worker, { job, output, evidence: sign(jobId) }))).code).to.equal(
      "EnclaveNotEnrolled",
    );
    await fulfill(worker, { job, output, evidence: sign(digest) });
    const verified = await verifyResult(requester, { jobId });
    if (verified.evidence !== "enclave") throw new Error(verified.evidence);
    expect([verified.enclaveKey, verified.simulated]).to.deep.equal([market.enclave.address, true]);
    expect(verified.caveats).to.have.length(2);
  });

  it("says that nothing but stake stands behind a Vanilla answer", async () => {
    const { jobId, job } = await ask("Vanilla");
    await execute(worker, { job, output: Uint8Array.of(41) });
    const early = await waitForResult(requester, { jobId });
    expect([early.outputs, early.isFinal, early.fee]).to.deep.equal([[[41n]], false, undefined]);
    expect(await verifyResult(requester, { jobId })).to.include({ evidence: "stake" });
    const tooEarly = await failure(settle(worker, { job }));
    expect([tooEarly.code, tooEarly.retryable]).to.deep.equal(["JobNotDue", true]);
    const { status } = await getJob(requester, { jobId });
    await passTime(status.dueAt);
    await settle(worker, { job });
    expect((await waitForResult(requester, { jobId, finality: "final" })).isFinal).to.equal(true);
  });

  it("judges a challenged answer by proof", async () => {
    const { jobId, job } = await ask("Vanilla");
    await execute(worker, { job, output: Uint8Array.of(42) });
    expect((await failure(challenge(requester, { job, bond: 1n }))).code).to.equal("BondMismatch");
    await challenge(requester, { job });
    await fulfill(worker, { job, output: Uint8Array.of(42), evidence: await prove(job, 21) });
    expect(await verifyResult(requester, { jobId })).to.include({ evidence: "proof" });
  });

  it("tells that a job was refunded, is late, or that the caller gave up", async () => {
    const { jobId, job } = await ask("Zkml");
    const late = await failure(waitForResult(requester, { jobId, timeout: 60, pollingInterval: 20 }));
    expect([late.code, late.retryable]).to.deep.equal(["TIMEOUT", true]);
    const aborted = waitForResult(requester, { jobId, signal: AbortSignal.timeout(30) });
    expect((await failure(aborted)).code).to.equal("ABORTED");
    expect(await feeAt(requester, { job, time: job.deadline })).to.equal(2n * ASK);
    await passTime(job.deadline);
    await expire(requester, { job });
    const refunded = await failure(waitForResult(requester, { jobId }));
    expect([refunded.code, refunded.details["slashed"]]).to.deep.equal(["JOB_REFUNDED", 0n]);
    expect((await failure(getJob(requester, { jobId: market.versionId }))).code).to.equal("JOB_UNKNOWN");
  });

  it("builds unsigned calls that another lane can sign and send", async () => {
    const { jobId, job } = await ask("Vanilla");
    const { to, data, value } = populate.execute(worker, { job, output: Uint8Array.of(42) });
    const sent = await worker.signer?.sendTransaction({ to, data, value });
    await sent?.wait();
    expect((await getJob(requester, { jobId })).state).to.equal("Executed");
  });

  it("refuses a bad request before anything is sent", async () => {
    const good = { versionId: market.versionId, level: "Zkml", input: [[1n]], maxFee: ASK } as const;
    const codeOf = async (change: object) => (await failure(request(requester, { ...good, ...change }))).code;
    const nonce = await requester.signer?.getNonce();
    expect(await codeOf({ versionId: keccak256("0x01") })).to.equal("UNKNOWN_VERSION");
    expect(await codeOf({ input: [[256n]] })).to.equal("TENSOR_RANGE");
    expect(await codeOf({ input: [[1n, 2n]] })).to.equal("TENSOR_LENGTH");
    expect(await codeOf({ input: Uint8Array.of(1, 2) })).to.equal("TENSOR_LENGTH");
    expect(await codeOf({ maxFee: ASK - 1n })).to.equal("FEE_TOO_LOW");
    expect(await codeOf({ minFee: 1n })).to.equal("FEE_TOO_LOW");
    await serve(worker, { workerId: market.workerId, versionId: market.versionId, levels: ["Tee"] });
    expect(await codeOf({})).to.equal("NO_WORKER");
    await serve(worker, { workerId: market.workerId, versionId: market.versionId, levels: ["Vanilla", "Tee", "Zkml"] });
    const { publication, owner } = market;
    const { verificationKey: _key, sample: _sample, ...plain } = publication;
    const teeOnly = await publishModel(owner, { ...plain, levels: ["Tee"] });
    expect(await codeOf({ versionId: teeOnly.versionId })).to.equal("LEVEL_NOT_ALLOWED");
    await write(owner, { contract: "modelRegistry", functionName: "setDeprecated", args: [teeOnly.versionId, true] });
    expect(await codeOf({ versionId: teeOnly.versionId, level: "Tee" })).to.equal("VERSION_DEPRECATED");
    expect(await requester.signer?.getNonce()).to.equal(nonce);
  });

  it("names the chain's own reason for refusing a request", async () => {
    const good = { versionId: market.versionId, level: "Zkml", input: [[1n]], maxFee: ASK } as const;
    const codeOf = async (change: object) => (await failure(request(requester, { ...good, ...change }))).code;
    expect(await codeOf({ timeToLive: 1n })).to.equal("TimeToLiveOutOfRange");
    expect(await codeOf({ minFee: ASK + 1n })).to.equal("FeesOutOfOrder");
    expect(await codeOf({ callbackGas: 3_000_000n })).to.equal("CallbackGasTooHigh");
    expect(await codeOf({ level: "Vanilla", challengeWindow: 1n })).to.equal("ChallengeWindowOutOfRange");
    const wanted = { versionId: market.versionId, level: 2n, callbackAt: 0n, callbackGas: 0n, minFee: 1n, maxFee: ASK };
    const chainCode = async (change: object, input = "0x01") => {
      const args = [{ ...wanted, timeToLive: 3600n, challengeWindow: 0n, copies: 1n, ...change }, input] as const;
      return (await failure(write(requester, { contract: "market", functionName: "request", args }))).code;
    };
    expect(await chainCode({})).to.equal("FeeTooLow");
    expect(await chainCode({ minFee: ASK }, "0x0102")).to.equal("InputLength");
    expect(await chainCode({ versionId: keccak256("0x01") })).to.equal("VersionUnknown");
    expect(await chainCode({ minFee: ASK, maxFee: 2n ** 90n })).to.equal("BalanceTooLow");
  });

  it("spends the prepaid balance first, and gives it back", async () => {
    const account = (await requester.signer?.getAddress()) ?? "";
    await deposit(requester, { amount: ETHER });
    const before = await balanceOf(requester, { account });
    await ask("Vanilla");
    expect(await balanceOf(requester, { account })).to.equal(before - 2n * ASK);
    await withdraw(requester, { amount: before - 2n * ASK });
    expect((await failure(withdraw(requester, { amount: 1n }))).code).to.equal("BalanceTooLow");
  });
});
