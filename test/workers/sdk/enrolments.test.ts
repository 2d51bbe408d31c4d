import { expect } from "chai";
import { getBytes, hexlify, id, keccak256, toBeHex, toUtf8Bytes, zeroPadValue } from "ethers";

import { account } from "../../../scripts/demo/accounts.ts";
import {
  type Client,
  execute,
  exportBundle,
  formatBundle,
  fulfill,
  interfaceOf,
  parseBundle,
  type ResultBundle,
  verifyBundle,
  verifyEnrolment,
  type VerifyEnrolmentReturnType,
  verifyResult,
  write,
} from "../../../workers/sdk/index.ts";
import { developmentPlatform } from "../../../workers/tee/development/development-platform.ts";
import { STRICT_POLICY } from "../../../workers/tee/index.ts";
import { errorOf } from "../tee/error-of.ts";
import { enrol, failure, type Lie, type Market, MEASUREMENT, openMarket, through } from "./fixture.ts";

const ANSWER = Uint8Array.of(42);
const DAY = 86_400;
const OTHER_KEY = `0x${"11".repeat(20)}`;
const OTHER_WORD = id("another word");
const strip = (hex: string) => hex.slice(2).toLowerCase();
const word = (value: bigint | number) => strip(toBeHex(value, 32));
const hexOf = (text: string) => strip(hexlify(toUtf8Bytes(text)));
const topicOf = (contract: "collateralRegistry" | "certificateStore", event: string) =>
  strip(interfaceOf(contract).getEvent(event)?.topicHash ?? "");
const rootOf = ({ root }: Pick<Market["platform"], "root">) => getBytes(root.x + strip(root.y));

describe("an enclave's enrolment", () => {
  let market: Market;
  let enclaveKey: string;
  let known: VerifyEnrolmentReturnType;

  before(async () => {
    market = await openMarket();
    enclaveKey = market.enclave.address;
    // The last block is not the one of the enrolment.
    await market.provider.send("evm_mine", []);
    known = await verifyEnrolment(market.requester, { enclaveKey });
  });

  after(() => market.close());

  /** The client on a node that tells these lies; fails if it never came to tell one. */
  const told = async <T>(lies: readonly Lie[], use: (client: Client) => Promise<T>): Promise<T> => {
    const counts = lies.map(() => 0);
    const client = through(market, market.requester, async (asked, _, ask) => {
      let text = JSON.stringify(await ask());
      for (const [index, { method = asked, from, to }] of lies.entries()) {
        if (method !== asked || !text.includes(from)) continue;
        counts[index] = (counts[index] ?? 0) + 1;
        text = text.replaceAll(from, to);
      }
      return JSON.parse(text) as unknown;
    });
    const result = await use(client);
    expect(counts, "every lie is told").not.to.include(0);
    return result;
  };
  const believe = (...lies: readonly Lie[]) =>
    told(lies, async (client) => {
      const { code, details } = await failure(verifyEnrolment(client, { enclaveKey }));
      return [code, details["check"], details["error"]];
    });
  const unverified = (check: string, error?: string) => ["RESULT_UNVERIFIED", check, error];
  const LOGS = "eth_getLogs";
  const CALLDATA = "eth_getTransactionByHash";
  /** The data of the log: expiry, simulated, epoch and so on. */
  const logged = (expiresAt: bigint, simulated: number, epoch: number) =>
    word(expiresAt) + word(simulated) + word(epoch);

  it("is checked here, up to the root that its verifier pins, and says what the quote shows", async () => {
    const bound = await market.provider.getBlock(Number(known.evidence.enrolment.blockNumber));
    expect(known).to.deep.include({
      enclaveKey,
      worker: market.workerKey,
      measurement: MEASUREMENT,
      simulated: true,
      status: "UpToDate",
      byCollateral: true,
      listsCurrent: true,
      quotedAfter: bound?.timestamp,
      expiresAt: BigInt(known.validUntil),
    });
    expect(known.evidence).to.have.deep.nested.property("collateral.policy", STRICT_POLICY);
  });

  it("leads to the root that the caller names, and to no other", async () => {
    expect(await verifyEnrolment(market.requester, { enclaveKey, root: rootOf(market.platform) })).to.include({
      measurement: MEASUREMENT,
    });
    const root = rootOf(developmentPlatform(`0x${strip(OTHER_WORD)}`));
    const { details } = await failure(verifyEnrolment(market.requester, { enclaveKey, root }));
    expect(details).to.include({ check: "quote", error: "RootUnknown" });
  });

  it("is held against the collateral that the caller brings", async () => {
    if (known.evidence.kind !== "dcap") throw new Error(known.evidence.kind);
    const { collateral } = known.evidence;
    const root = rootOf(market.platform);
    expect(await verifyEnrolment(market.requester, { enclaveKey, root, collateral })).to.include({ simulated: true });
    const without = { ...collateral, identities: [] };
    const { details } = await failure(verifyEnrolment(market.requester, { enclaveKey, collateral: without }));
    expect(details).to.include({ check: "quote", error: "IdentityMissing" });
  });

  it("fails if the node tells another quote, though its log agrees", async () => {
    const quote = strip(hexlify(known.evidence.enrolment.quote));
    // A digit of the body, in the middle of what is signed.
    const changed = `${quote.slice(0, 1000)}${quote[1000] === "0" ? "1" : "0"}${quote.slice(1001)}`;
    const lie = { method: CALLDATA, from: quote, to: changed };
    expect(await believe(lie)).to.deep.equal(unverified("enrolment"));
    const hash = { method: LOGS, from: strip(known.quoteHash), to: strip(keccak256(`0x${changed}`)) };
    expect(await believe(lie, hash)).to.deep.equal(unverified("possession"));
  });

  it("fails if the node tells another worker", async () => {
    const [from, to] = [strip(market.workerKey), strip(OTHER_KEY)];
    expect(await believe({ method: LOGS, from, to })).to.deep.equal(unverified("enrolment"));
    expect(await believe({ from, to })).to.deep.equal(unverified("possession"));
  });

  it("fails if the log says what does not follow from the quote", async () => {
    const { expiresAt } = known;
    const lies: [string, string, readonly unknown[]][] = [
      [strip(MEASUREMENT), strip(OTHER_WORD), unverified("enrolment")],
      [logged(expiresAt, 1, 0), logged(expiresAt + 1n, 1, 0), unverified("enrolment")],
      [logged(expiresAt, 1, 0), logged(expiresAt, 1, 1), unverified("reportData")],
      // What is said to be no simulation must lead to Intel's root.
      [logged(expiresAt, 1, 0), logged(expiresAt, 0, 0), unverified("quote", "RootUnknown")],
    ];
    for (const [from, to, outcome] of lies) expect(await believe({ method: LOGS, from, to })).to.deep.equal(outcome);
  });

  it("fails if the node tells another block, or another time", async () => {
    const { blockHash, enrolledAt } = known.evidence.enrolment;
    expect(await believe({ method: "eth_getBlockByNumber", from: blockHash, to: OTHER_WORD })).to.deep.equal(
      unverified("reportData"),
    );
    const at = (time: number) => `"timestamp":"${toBeHex(time).replace(/^0x0+/, "0x")}"`;
    const told = (time: number) => believe({ method: "eth_getBlockByNumber", from: at(enrolledAt), to: at(time) });
    expect(await told(enrolledAt + 4000 * DAY)).to.deep.equal(unverified("quote", "CollateralNotCurrent"));
    expect(await told(enrolledAt + 3 * DAY)).to.deep.equal(unverified("block"));
  });

  it("fails if the node keeps collateral back, or changes it", async () => {
    const hidden = (from: string) => believe({ method: LOGS, from, to: strip(OTHER_WORD) });
    expect(await hidden(topicOf("collateralRegistry", "TcbInfoPosted"))).to.deep.equal(
      unverified("quote", "TcbInfoMissing"),
    );
    expect(await hidden(topicOf("collateralRegistry", "IdentityPosted"))).to.deep.equal(
      unverified("quote", "IdentityMissing"),
    );
    expect(await hidden(topicOf("certificateStore", "RevocationsEntered"))).to.deep.equal(
      unverified("quote", "ListsNotCurrent"),
    );
    const [from, to] = [hexOf('"nextUpdate":"2'), hexOf('"nextUpdate":"3')];
    expect(await believe({ method: CALLDATA, from, to })).to.deep.equal(unverified("quote", "CollateralSignature"));
  });

  it("cannot be checked where the transaction does not show it", async () => {
    const [from, to] = [`"to":"${market.deployment.enclaveRegistry.toLowerCase()}"`, `"to":"${OTHER_KEY}"`];
    expect((await believe({ method: CALLDATA, from, to }))[0]).to.equal("EVIDENCE_NOT_FOUND");
    const post = strip(interfaceOf("collateralRegistry").getFunction("postTcbInfo")?.selector ?? "");
    expect((await believe({ method: CALLDATA, from: post, to: "00000000" }))[0]).to.equal("EVIDENCE_NOT_FOUND");
  });

  it("is unknown for a key that never enrolled", async () => {
    const { details } = await failure(verifyEnrolment(market.requester, { enclaveKey: OTHER_KEY }));
    expect(details).to.include({ check: "enrolment" });
  });

  describe("behind a result", () => {
    let jobId: string;
    let bundle: ResultBundle;

    before(async () => {
      const asked = await market.ask("Tee");
      ({ jobId } = asked);
      await fulfill(market.worker, { job: asked.job, output: ANSWER, evidence: market.sign(asked.job, ANSWER) });
      bundle = await exportBundle(market.requester, { jobId });
    });

    it("is checked with it, and what was found comes back", async () => {
      const verified = await verifyResult(market.requester, { jobId });
      if (verified.evidence !== "enclave") throw new Error(verified.evidence);
      const { transactionHash, quoteHash, findings, unchecked } = verified.enrolment;
      expect([transactionHash, quoteHash, unchecked]).to.deep.equal([known.transactionHash, known.quoteHash, null]);
      expect(findings).to.include({ measurement: MEASUREMENT, status: "UpToDate" });
    });

    it("makes the result fail if it does", async () => {
      const lie = { method: LOGS, from: logged(known.expiresAt, 1, 0), to: logged(known.expiresAt, 1, 1) };
      const { code, details } = await told([lie], (client) => failure(verifyResult(client, { jobId })));
      expect([code, details["check"]]).to.deep.equal(["RESULT_UNVERIFIED", "reportData"]);
    });

    it("is believed, and said to be so, where it cannot be checked or must not be", async () => {
      const lie = {
        method: CALLDATA,
        from: `"to":"${market.deployment.enclaveRegistry.toLowerCase()}"`,
        to: `"to":"${OTHER_KEY}"`,
      };
      const believed = await told([lie], (client) => verifyResult(client, { jobId }));
      expect(believed.caveats.at(-1)).to.match(/^The enrolment was not checked here: transaction 0x/);
      const required = told([lie], (client) => failure(verifyResult(client, { jobId, enrolment: "required" })));
      expect(await required).to.include({ code: "EVIDENCE_NOT_FOUND" });
      const { caveats } = await verifyResult(market.requester, { jobId, enrolment: "believed" });
      expect(caveats.at(-1)).to.equal("The enrolment was not checked here: this was not asked for.");
    });

    it("goes into a bundle that is verified without a node", () => {
      const parsed = parseBundle(formatBundle(bundle));
      expect(parsed).to.deep.equal(bundle);
      const verified = verifyBundle(market.deployment, parsed, { root: rootOf(market.platform) });
      expect(verified).to.deep.include({ jobId, enclaveKey, packedOutput: ANSWER, worker: market.workerKey });
      expect(verified.findings).to.include({
        measurement: MEASUREMENT,
        simulated: true,
        quotedAfter: known.quotedAfter,
      });
      expect(verified.caveats).to.have.length(4);
      const measurements = [MEASUREMENT];
      const { caveats } = verifyBundle(market.deployment, parsed, { root: rootOf(market.platform), measurements });
      expect(caveats).to.have.length(3);
    });

    it("does not hold in a bundle of which anything was changed", () => {
      const { enrolment } = bundle.evidence;
      const withEnrolment = (changes: Partial<typeof enrolment>): ResultBundle => ({
        ...bundle,
        evidence: { ...bundle.evidence, enrolment: { ...enrolment, ...changes } },
      });
      const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
      const { blockHeader } = enrolment;
      const changes: [string, ResultBundle][] = [
        ["signature", { ...bundle, output: Uint8Array.of(43) }],
        ["signature", { ...bundle, worker: OTHER_KEY }],
        ["signature", { ...bundle, signature: bundle.signature.slice(1) }],
        ["signature", withEnrolment({ enclaveKey: OTHER_KEY })],
        ["version", { ...bundle, modelId: bundle.modelId + 1n }],
        ["version", { ...bundle, job: { ...bundle.job, versionId: OTHER_WORD } }],
        ["worker", withEnrolment({ worker: OTHER_KEY })],
        ["possession", withEnrolment({ quote: flipped(enrolment.quote, 600) })],
        ["possession", withEnrolment({ keySignature: enrolment.keySignature.slice(1) })],
        ["reportData", withEnrolment({ epoch: 1n })],
        ["reportData", withEnrolment({ blockHash: OTHER_WORD })],
        ["block", withEnrolment({ blockNumber: enrolment.blockNumber + 1n })],
        ["block", withEnrolment({ blockHeader: `${blockHeader?.slice(0, -2) ?? ""}00` })],
        ["block", withEnrolment({ blockHeader: "0x00" })],
        ["block", withEnrolment({ enrolledAt: enrolment.enrolledAt + 3 * DAY })],
        ["block", withEnrolment({ enrolledAt: enrolment.enrolledAt - DAY / 2 })],
        ["quote", withEnrolment({ enrolledAt: enrolment.enrolledAt + 4000 * DAY })],
      ];
      const root = rootOf(market.platform);
      for (const [index, [check, changed]] of changes.entries())
        expect(errorOf(() => verifyBundle(market.deployment, changed, { root })).details, String(index)).to.include({
          check,
        });
      const undated = verifyBundle(market.deployment, withEnrolment({ blockHeader: null }), { root });
      expect(undated.caveats.at(-1)).to.equal("When the quote was made is not shown.");
    });

    it("does not hold in a bundle for another root, deployment, policy or code", () => {
      const root = rootOf(market.platform);
      const check = (place: Partial<Market["deployment"]>, options: Parameters<typeof verifyBundle>[2]) =>
        errorOf(() => verifyBundle({ ...market.deployment, ...place }, bundle, options)).details;
      expect(check({}, {})).to.include({ check: "quote", error: "RootUnknown" });
      expect(check({}, { root, measurements: [OTHER_WORD] })).to.include({ check: "measurement" });
      const policy = { ...STRICT_POLICY, acceptedStatuses: [] };
      expect(check({}, { root, policy })).to.include({ check: "quote", error: "TcbStatusRefused" });
      expect(check({ chainId: 1 }, { root })).to.include({ check: "version" });
      expect(check({ market: OTHER_KEY }, { root })).to.include({ check: "signature" });
      expect(check({ enclaveRegistry: OTHER_KEY }, { root })).to.include({ check: "possession" });
    });

    it("is read only out of a file that is one", () => {
      const text = formatBundle(bundle);
      const broken = [
        "",
        "{}",
        text.replace('"assayResult": 1', '"assayResult": 2'),
        text.replace('"output": "0x2a"', '"output": "0x2"'),
        text.replace(/"job": "0x.*"/, '"job": "0x00"'),
        text.replace('"worker":', '"more": 1, "worker":'),
      ];
      for (const [index, file] of broken.entries())
        expect(
          errorOf(() => parseBundle(file)),
          String(index),
        ).to.include({ code: "BUNDLE_INVALID" });
    });

    it("is not behind a result that stands on stake", async () => {
      const asked = await market.ask("Vanilla");
      await execute(market.worker, { job: asked.job, output: ANSWER });
      const refused = await failure(exportBundle(market.requester, { jobId: asked.jobId }));
      expect(refused).to.include({ code: "EVIDENCE_NOT_FOUND" });
    });

    it("still counts for what was signed before the worker ended its keys", async () => {
      const other = account(8, market.provider);
      await enrol(market.admin, { platform: market.platform, enclave: other, worker: market.workerKey });
      await verifyEnrolment(market.requester, { enclaveKey: other.address });
      await write(market.worker, {
        contract: "enclaveRegistry",
        functionName: "endKeys",
        args: [market.workerKey],
      });
      for (const key of [enclaveKey, other.address]) {
        const { details } = await failure(verifyEnrolment(market.requester, { enclaveKey: key }));
        expect(details).to.include({ check: "epoch" });
      }
      expect(await verifyResult(market.requester, { jobId })).to.include({ evidence: "enclave" });
    });

    it("is over when it was put on notice and the grace has passed, and when it was removed", async () => {
      await enrol(market.admin, { platform: market.platform, enclave: market.enclave, worker: market.workerKey });
      const { evidence } = await verifyEnrolment(market.requester, { enclaveKey });
      expect(evidence.enrolment.epoch).to.equal(1n);
      const latest = await market.provider.getBlock("latest");
      const notified = (name: "EnclaveOnNotice" | "EnclaveInvalidated", values: readonly bigint[]) =>
        through(market, market.requester, async (asked, parameters, ask) => {
          const answer = await ask();
          const topics = JSON.stringify(parameters);
          const fragment = interfaceOf("enclaveRegistry").getEvent(name);
          if (asked !== LOGS || fragment === null || !topics.includes(fragment.topicHash)) return answer;
          const log = {
            address: market.deployment.enclaveRegistry,
            topics: [fragment.topicHash, zeroPadValue(enclaveKey, 32), MEASUREMENT],
            data: values.length === 0 ? "0x" : `0x${values.map(word).join("")}`,
            blockNumber: toBeHex((latest?.number ?? 0) + 1),
            blockHash: OTHER_WORD,
            transactionHash: OTHER_WORD,
            transactionIndex: "0x0",
            logIndex: "0x0",
            removed: false,
          };
          return [...(answer as unknown[]), log];
        });
      const onNotice = notified("EnclaveOnNotice", [BigInt((latest?.timestamp ?? 0) + DAY)]);
      expect(await verifyEnrolment(onNotice, { enclaveKey })).to.include({
        expiresAt: BigInt((latest?.timestamp ?? 0) + DAY),
      });
      const past = notified("EnclaveOnNotice", [BigInt((latest?.timestamp ?? 0) - 1)]);
      expect((await failure(verifyEnrolment(past, { enclaveKey }))).details).to.include({ check: "expiry" });
      const removed = notified("EnclaveInvalidated", []);
      expect((await failure(verifyEnrolment(removed, { enclaveKey }))).details).to.include({ check: "enrolment" });
    });

    it("is over when it expired", async () => {
      const { expiresAt } = await verifyEnrolment(market.requester, { enclaveKey });
      await market.passTime(expiresAt);
      expect((await failure(verifyEnrolment(market.requester, { enclaveKey }))).details).to.include({
        check: "expiry",
      });
    });
  });
});
