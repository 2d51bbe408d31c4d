import { expect } from "chai";
import { getBytes, hexlify, keccak256, toBeHex, zeroPadValue } from "ethers";

import {
  challenge,
  type Client,
  execute,
  fulfill,
  getJob,
  interfaceOf,
  publishModel,
  read,
  request,
  serve,
  settle,
  verifyResult,
  write,
} from "../../../workers/sdk/index.ts";
import { ASK, failure, type Lie, lying, type Market, MEASUREMENT, openMarket, teeOnly } from "./fixture.ts";

const ANSWER = Uint8Array.of(42);
const OTHER_WORD = keccak256("0x0b").slice(2);

describe("verifying a result", () => {
  let market: Market;
  let requester: Client;
  let worker: Client;

  before(async () => {
    market = await openMarket();
    ({ requester, worker } = market);
  });

  after(() => market.close());

  /** What verification says when the node tells this lie; fails if the node never came to tell it. */
  const believe = async (jobId: string, lie: Lie) => {
    const { liar, timesTold } = lying(market, requester, lie);
    const { code, details } = await failure(verifyResult(liar, { jobId }));
    expect(timesTold()).to.be.greaterThan(0);
    return [code, details["check"]];
  };
  /** One byte as the ABI encodes it: its length, then itself. */
  const encode = (byte: number) => toBeHex(1, 32).slice(2) + hexlify(Uint8Array.of(byte)).slice(2).padEnd(64, "0");
  const transactionOf = async (jobId: string) => {
    const { timeline } = await getJob(requester, { jobId });
    const hash = timeline.find(({ kind }) => kind === "JobFulfilled")?.transactionHash ?? "";
    return (await market.provider.getTransaction(hash))?.data ?? "";
  };

  describe("by proof", () => {
    let jobId: string;
    let evidence: Uint8Array;

    before(async () => {
      const asked = await market.ask("Zkml");
      ({ jobId } = asked);
      expect(await failure(verifyResult(requester, { jobId }))).to.include({ code: "JOB_UNANSWERED", retryable: true });
      evidence = await market.prove(asked.job, 21);
      await fulfill(worker, { job: asked.job, output: ANSWER, evidence });
    });

    it("needs neither worker nor contract", async () => {
      const verified = await verifyResult(requester, { jobId });
      if (verified.evidence !== "proof") throw new Error(verified.evidence);
      expect(verified).to.deep.include({ packedOutput: ANSWER, worker: market.workerKey, devKeys: true });
      expect(verified.caveats).to.have.length(1);
      expect(verified.publicSignals).to.have.length(2);
    });

    it("fails on another output", async () => {
      const lie = { from: encode(42), to: encode(43) };
      expect(await believe(jobId, { ...lie, method: "eth_getLogs" })).to.deep.equal(["RESULT_UNVERIFIED", "output"]);
      expect(await believe(jobId, lie)).to.deep.equal(["RESULT_UNVERIFIED", "proof"]);
    });

    it("fails on logs and calls that do not decode", async () => {
      const offset = { from: toBeHex(0x2a0, 32).slice(2), to: toBeHex(0x2b0, 32).slice(2) };
      expect(await believe(jobId, { ...offset, method: "eth_getLogs" })).to.deep.equal(["FACT_MISSING", undefined]);
      const from = await transactionOf(jobId);
      expect(await believe(jobId, { from, to: from.slice(0, 80) })).to.deep.equal(["EVIDENCE_NOT_FOUND", undefined]);
    });

    it("fails on another input", async () => {
      const lie = { from: encode(21), to: encode(22) };
      expect(await believe(jobId, lie)).to.deep.equal(["RESULT_UNVERIFIED", "input"]);
    });

    it("fails on another proof, be it forged or of another job", async () => {
      const method = "eth_getTransactionByHash";
      const proof = hexlify(evidence.subarray(0, 256)).slice(2);
      const forged = proof.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"));
      const other = hexlify(market.publication.sample.proof).slice(2);
      for (const to of [forged, other])
        expect(await believe(jobId, { method, from: proof, to })).to.deep.equal(["RESULT_UNVERIFIED", "proof"]);
    });

    it("fails on evidence that is none", async () => {
      const { job } = await getJob(requester, { jobId });
      const from = await transactionOf(jobId);
      const to = interfaceOf("market").encodeFunctionData("fulfill", [job, ANSWER, "0x1234"]);
      expect(await believe(jobId, { from, to })).to.deep.equal(["RESULT_UNVERIFIED", "proof"]);
    });

    it("fails on another worker", async () => {
      const from = `"from":"${market.workerKey.toLowerCase()}"`;
      const to = `"from":"0x${"11".repeat(20)}"`;
      expect(await believe(jobId, { from, to })).to.deep.equal(["RESULT_UNVERIFIED", "proof"]);
    });

    it("fails on another key", async () => {
      const from = hexlify(market.publication.verificationKey).slice(2, 66);
      const lie = { method: "eth_getCode", from, to: OTHER_WORD };
      expect(await believe(jobId, lie)).to.deep.equal(["RESULT_UNVERIFIED", "verificationKey"]);
    });

    it("fails on a version with another key", async () => {
      const from = keccak256(market.publication.verificationKey).slice(2);
      expect(await believe(jobId, { from, to: OTHER_WORD })).to.deep.equal(["FACT_MISSING", undefined]);
    });

    it("finds no evidence in a transaction that went elsewhere", async () => {
      const from = `"to":"${market.deployment.market.toLowerCase()}"`;
      const to = `"to":"0x${"11".repeat(20)}"`;
      expect(await believe(jobId, { from, to })).to.deep.equal(["EVIDENCE_NOT_FOUND", undefined]);
    });
  });

  describe("by an enclave", () => {
    let jobId: string;
    let evidence: Uint8Array;

    before(async () => {
      const asked = await market.ask("Tee");
      ({ jobId } = asked);
      const wrong = getBytes(market.enclave.signingKey.sign(jobId).serialized);
      const refused = await failure(fulfill(worker, { job: asked.job, output: ANSWER, evidence: wrong }));
      expect(refused).to.include({ code: "EnclaveNotEnrolled" });
      evidence = market.sign(asked.job, ANSWER);
      await fulfill(worker, { job: asked.job, output: ANSWER, evidence });
    });

    it("says which code signed, and that it was simulated", async () => {
      const verified = await verifyResult(requester, { jobId });
      if (verified.evidence !== "enclave") throw new Error(verified.evidence);
      expect(verified).to.include({ enclaveKey: market.enclave.address, measurement: MEASUREMENT, simulated: true });
      expect(verified.caveats).to.have.length(2);
    });

    it("holds after its code is no longer accepted", async () => {
      const accept = (accepted: boolean) =>
        write(market.admin, {
          contract: "enclaveRegistry",
          functionName: "acceptMeasurement",
          args: [MEASUREMENT, accepted],
        });
      await accept(false);
      expect(await verifyResult(requester, { jobId })).to.include({ evidence: "enclave" });
      await accept(true);
    });

    it("takes the code that the version names, whatever the deployment accepts", async () => {
      const [measurements, others] = [[MEASUREMENT], [keccak256("0x0c")]];
      const { versionId } = await publishModel(market.owner, { ...teeOnly(market), measurements });
      const { versionId: otherId } = await publishModel(market.owner, { ...teeOnly(market), measurements: others });
      const { workerId } = market;
      const answer = async (id: string) => {
        await serve(worker, { workerId, versionId: id, levels: ["Tee"] });
        const { job, ...asked } = await request(requester, {
          versionId: id,
          level: "Tee",
          input: [[21n]],
          maxFee: ASK,
        });
        await market.provider.send("evm_mine", []);
        await fulfill(worker, { job, output: ANSWER, evidence: market.sign(job, ANSWER) });
        return asked.jobId;
      };
      expect(await verifyResult(requester, { jobId: await answer(versionId) })).to.include({ evidence: "enclave" });
      expect(await failure(answer(otherId))).to.include({ code: "MeasurementNotAccepted" });
    });

    it("fails on another output", async () => {
      const lie = { from: encode(42), to: encode(43) };
      expect(await believe(jobId, lie)).to.deep.equal(["RESULT_UNVERIFIED", "enrolment"]);
    });

    it("fails on a signature of something else, or on none", async () => {
      const from = hexlify(evidence).slice(2);
      const other = market.enclave.signingKey.sign(jobId).serialized.slice(2);
      expect(await believe(jobId, { from, to: other })).to.deep.equal(["RESULT_UNVERIFIED", "enrolment"]);
      const none = "ff".repeat(65);
      expect(await believe(jobId, { from, to: none })).to.deep.equal(["RESULT_UNVERIFIED", "signature"]);
    });

    it("fails on an enclave of another worker, with other code or past its time", async () => {
      const method = "eth_getLogs";
      const args = [market.enclave.address] as const;
      const { expiresAt } = await read(requester, { contract: "enclaveRegistry", functionName: "enclaveOf", args });
      const worker = zeroPadValue(market.workerKey.toLowerCase(), 32);
      const changes = [
        ["worker", worker, zeroPadValue(`0x${"11".repeat(20)}`, 32)],
        // Worker and code stand together only in the enrolment: the log that accepts the code stays as it is.
        ["measurement", `"${worker}","${MEASUREMENT}"`, `"${worker}","0x${OTHER_WORD}"`],
        ["expiry", toBeHex(expiresAt, 32).slice(2), toBeHex(1, 32).slice(2)],
      ] as const;
      for (const [check, from, to] of changes)
        expect(await believe(jobId, { method, from, to })).to.deep.equal(["RESULT_UNVERIFIED", check]);
    });
  });

  describe("by stake", () => {
    it("says that nothing was checked, and whether it may be revoked", async () => {
      const { jobId, job } = await market.ask("Vanilla");
      await execute(worker, { job, output: Uint8Array.of(41) });
      const early = await verifyResult(requester, { jobId });
      expect(early).to.deep.include({ evidence: "stake", packedOutput: Uint8Array.of(41) });
      expect(early.caveats).to.have.length(2);
      const lie = { method: "eth_getLogs", from: encode(41), to: encode(42) };
      expect(await believe(jobId, lie)).to.deep.equal(["RESULT_UNVERIFIED", "output"]);

      await market.passTime((await getJob(requester, { jobId })).status.dueAt);
      await settle(worker, { job });
      const { evidence, caveats } = await verifyResult(requester, { jobId });
      expect([evidence, caveats.length]).to.deep.equal(["stake", 1]);
    });

    it("is all there is to an early answer until its proof comes", async () => {
      const { jobId, job } = await market.ask("Zkml", 5n);
      await execute(worker, { job, output: Uint8Array.of(10) });
      const early = await verifyResult(requester, { jobId });
      expect([early.evidence, early.caveats[1]?.includes("Zkml")]).to.deep.equal(["stake", true]);
      await fulfill(worker, { job, output: Uint8Array.of(10), evidence: await market.prove(job, 5) });
      expect(await verifyResult(requester, { jobId })).to.include({ evidence: "proof" });
    });

    it("gives way to a proof when the answer is challenged", async () => {
      const { jobId, job } = await market.ask("Vanilla");
      await execute(worker, { job, output: ANSWER });
      await challenge(requester, { job });
      expect(await verifyResult(requester, { jobId })).to.include({ evidence: "stake" });
      await fulfill(worker, { job, output: ANSWER, evidence: await market.prove(job, 21) });
      expect(await verifyResult(requester, { jobId })).to.include({ evidence: "proof" });
    });
  });
});
