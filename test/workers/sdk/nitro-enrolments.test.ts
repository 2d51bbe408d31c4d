import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { concat, getBytes, hexlify, id, keccak256, toBeHex, type Wallet } from "ethers";
import { network } from "hardhat";

import { account } from "../../../scripts/demo/accounts.ts";
import { send } from "../../../workers/sdk/access.ts";
import {
  enrollEnclave,
  enrolmentDigest,
  exportBundle,
  formatBundle,
  fulfill,
  interfaceOf,
  type Job,
  parseBundle,
  read,
  type ResultBundle,
  resultDigest,
  STRICT_POLICY,
  verifyBundle,
  verifyEnrolment,
  type VerifyEnrolmentReturnType,
  verifyResult,
  write,
} from "../../../workers/sdk/index.ts";
import { developmentNitro } from "../../../workers/tee/development/nitro.ts";
import { certificatesToRemember, nitroMeasurement, parseNitroDocument } from "../../../workers/tee/nitro/index.ts";
import { failureCodes, succeed } from "../cli/run-cli.ts";
import { errorOf } from "../tee/error-of.ts";
import { failure, type Market, openMarket, through } from "./fixture.ts";

const ANSWER = Uint8Array.of(42);
const MAX_AGE = 20 * 86_400;
const OTHER_KEY = `0x${"11".repeat(20)}`;
const PLATFORM = developmentNitro(`0x${"4e".repeat(32)}`);
const OTHER_PLATFORM = developmentNitro(`0x${"4f".repeat(32)}`);
const nitroRoot = PLATFORM.root;
const pcr = (value: number) => new Uint8Array(48).fill(value);
const PCRS = { 0: pcr(1), 1: pcr(2), 2: pcr(3) };
const MEASUREMENT = nitroMeasurement({ pcr0: PCRS[0], pcr1: PCRS[1], pcr2: PCRS[2] });
const LOGS = "eth_getLogs";
const topicOf = (event: string) => interfaceOf("nitroCertificates").getEvent(event)?.topicHash ?? "";
type EnclaveKey = Pick<Wallet, "address" | "signingKey">;
const failed = (check: string, error?: string) => ["RESULT_UNVERIFIED", check, error];

describe("the enrolment of an enclave of Nitro", function () {
  this.timeout(60_000);

  let market: Market;
  let enclave: EnclaveKey;
  let enclaveKey: string;
  let region: string;
  let trust: (certificate: string, trusted: boolean) => Promise<unknown>;
  let known: VerifyEnrolmentReturnType;

  before(async () => {
    market = await openMarket();
    enclave = account(8, market.provider);
    enclaveKey = enclave.address;
    const { verifierId, store } = await deployVerifier(market);
    const call = (label: string, data: string) => send(market.admin, { label, to: store, data, value: 0n });
    const calls = interfaceOf("nitroCertificates");
    trust = (id, trusted) => call("trust", calls.encodeFunctionData("trust", [id, trusted]));
    const certificates = certificatesToRemember(parseNitroDocument(await documentFor(market)));
    for (const { issuer, certificate } of certificates)
      await call("remember", calls.encodeFunctionData("remember", [certificate, issuer]));
    region = certificates[0]?.id ?? "";
    await trust(region, true);
    await enrol(market, { verifierId, enclave });
    await market.provider.send("evm_mine", []);
    known = await verifyEnrolment(market.requester, { enclaveKey, nitroRoot });
  });

  after(() => market.close());

  /** What a check comes to on a node that replaces text in its answers to a method; fails if it never did. */
  const believe = async (method: string, from: string, to: string) => {
    let told = 0;
    const client = through(market, market.requester, async (asked, _, ask) => {
      const text = JSON.stringify(await ask());
      if (asked !== method || !text.includes(from)) return JSON.parse(text) as unknown;
      told++;
      return JSON.parse(text.replaceAll(from, to)) as unknown;
    });
    const { code, details } = await failure(verifyEnrolment(client, { enclaveKey, nitroRoot }));
    expect(told).to.be.greaterThan(0);
    return [code, details["check"], details["error"]];
  };

  it("is checked here by its document, as of the block that took it", async () => {
    const { blockNumber, quote } = known.evidence.enrolment;
    const bound = await market.provider.getBlock(Number(blockNumber));
    const made = Math.floor(parseNitroDocument(quote).timestamp / 1000);
    expect(known).to.deep.include({
      kind: "nitro",
      enclaveKey,
      worker: market.workerKey,
      measurement: MEASUREMENT,
      simulated: true,
      trustKnown: true,
      quotedAfter: bound?.timestamp,
      timestamp: made,
      validUntil: made + MAX_AGE,
      expiresAt: BigInt(made + MAX_AGE),
    });
  });

  it("leads to the root of AWS unless the caller names another, and to no other", async () => {
    for (const options of [{}, { nitroRoot: OTHER_PLATFORM.root }]) {
      const { code, details } = await failure(verifyEnrolment(market.requester, { enclaveKey, ...options }));
      expect([code, details["check"], details["error"]]).to.deep.equal(failed("quote", "RootUnknown"));
    }
  });

  it("fails if the node tells another document, worker, block or time", async () => {
    const { quote, blockHash, enrolledAt } = known.evidence.enrolment;
    const digits = hexlify(quote).slice(2);
    const changed = `${digits.slice(0, -1)}${digits.endsWith("0") ? "1" : "0"}`;
    expect(await believe("eth_getTransactionByHash", digits, changed)).to.deep.equal(failed("enrolment"));
    const [worker, other] = [market.workerKey.slice(2).toLowerCase(), OTHER_KEY.slice(2)];
    expect(await believe(LOGS, worker, other)).to.deep.equal(failed("enrolment"));
    const block = (from: string, to: string) => believe("eth_getBlockByNumber", from, to);
    expect(await block(blockHash, id("another block"))).to.deep.equal(failed("reportData"));
    const at = (time: number) => `"timestamp":"${toBeHex(time).replace(/^0x0+/, "0x")}"`;
    expect(await block(at(enrolledAt), at(enrolledAt + 7200))).to.deep.equal(failed("quote", "DocumentStale"));
  });

  it("fails if a certificate of it was distrusted or revoked before", async () => {
    const [trusted, revoked] = [topicOf("CertificateTrusted"), topicOf("CertificateRevoked")];
    const lie = `"data":"${toBeHex(1, 32)}"`;
    expect(await believe(LOGS, lie, `"data":"${toBeHex(0, 32)}"`)).to.deep.equal(
      failed("quote", "CertificateDistrusted"),
    );
    expect(await believe(LOGS, trusted, revoked)).to.deep.equal(failed("quote", "CertificateDistrusted"));
  });

  it("stands though a certificate of it was distrusted later", async () => {
    await trust(region, false);
    expect(await verifyEnrolment(market.requester, { enclaveKey, nitroRoot })).to.include({ kind: "nitro" });
  });

  it("is not checked if its verifier is of an unknown kind", async () => {
    const kind = (text: string) => hexlify(new TextEncoder().encode(text)).slice(2);
    expect(await believe("eth_call", kind("nitro"), kind("other"))).to.deep.equal([
      "EVIDENCE_NOT_FOUND",
      undefined,
      undefined,
    ]);
  });

  describe("behind a result", () => {
    let jobId: string;
    let bundle: ResultBundle;

    before(async () => {
      const asked = await market.ask("Tee");
      ({ jobId } = asked);
      await fulfill(market.worker, { job: asked.job, output: ANSWER, evidence: sign(asked.job, market.workerKey) });
      bundle = await exportBundle(market.requester, { jobId, nitroRoot });
    });

    const sign = (job: Job, worker: string): Uint8Array => {
      const digest = resultDigest(market.deployment, job, keccak256(ANSWER), worker);
      return getBytes(enclave.signingKey.sign(digest).serialized);
    };
    /** The bundle with another enrolment, of which the enclave's key shows possession all the same. */
    const withEnrolment = (changes: Partial<ResultBundle["evidence"]["enrolment"]>): ResultBundle => {
      const enrolment = { ...bundle.evidence.enrolment, ...changes };
      const { worker, quote } = enrolment;
      const digest = enrolmentDigest(market.deployment, { worker, quoteHash: keccak256(quote) });
      const keySignature = getBytes(enclave.signingKey.sign(digest).serialized);
      return { ...bundle, evidence: { ...bundle.evidence, enrolment: { ...enrolment, keySignature } } };
    };
    const refusal = (changed: ResultBundle, options: Parameters<typeof verifyBundle>[2] = { nitroRoot }) => {
      const { code, details } = errorOf(() => verifyBundle(market.deployment, changed, options));
      return [code, details["check"], details["error"]];
    };

    it("is checked with it", async () => {
      const verified = await verifyResult(market.requester, { jobId, nitroRoot, enrolment: "required" });
      if (verified.evidence !== "enclave") throw new Error(verified.evidence);
      expect(verified.enrolment.findings).to.include({ kind: "nitro", measurement: MEASUREMENT });
      expect(verified.caveats.at(-1)).to.match(/^A certificate of AWS counts as revoked only if the chain/);
      const { details } = await failure(verifyResult(market.requester, { jobId }));
      expect(details).to.include({ check: "quote", error: "RootUnknown" });
    });

    it("goes into a bundle that is verified without a node", () => {
      const parsed = parseBundle(formatBundle(bundle));
      expect(parsed).to.deep.equal(bundle);
      const options = { nitroRoot, measurements: [MEASUREMENT] };
      const { findings, caveats } = verifyBundle(market.deployment, parsed, options);
      if (known.kind !== "nitro") throw new Error(known.kind);
      const { quotedAfter, timestamp } = known;
      const validUntil = timestamp + STRICT_POLICY.maxAge;
      expect(findings).to.include({ kind: "nitro", trustKnown: false, quotedAfter, validUntil });
      expect(caveats).to.include("Whether a certificate of AWS had been revoked is not shown.");
    });

    it("is checked out of the bundle's file on the command line, under the certificate of a root", async () => {
      const home = await mkdtemp(join(tmpdir(), "assay-nitro-"));
      try {
        const file = (name: string) => join(home, name);
        await writeFile(file("result.json"), formatBundle(bundle));
        await writeFile(file("deployment.json"), JSON.stringify(market.deployment));
        await writeFile(file("root.der"), nitroRoot);
        const recheck = ["tee", "recheck", file("result.json"), "--deployment", file("deployment.json")];
        expect(await succeed([...recheck, "--root", file("root.der")])).to.include({ jobId, enclaveKey });
        expect(await failureCodes(recheck)).to.deep.equal(["RESULT_UNVERIFIED"]);
      } finally {
        await rm(home, { recursive: true });
      }
    });

    it("does not hold in a bundle of which the document was changed or is about something else", () => {
      const { quote, enrolledAt } = bundle.evidence.enrolment;
      const flipped = (at: number) => quote.map((byte, index) => (index === at ? byte ^ 1 : byte));
      const another = { reportData: new Uint8Array(64), now: enrolledAt, pcrs: PCRS };
      expect(refusal(withEnrolment({ quote: flipped(quote.length - 1) }))).to.deep.equal(
        failed("quote", "DocumentSignature"),
      );
      expect(refusal(withEnrolment({ quote: quote.slice(1) }))).to.deep.equal(failed("quote", "CborUnexpected"));
      expect(refusal(withEnrolment({ quote: PLATFORM.document(another) }))).to.deep.equal(failed("reportData"));
      expect(refusal(withEnrolment({ quote: OTHER_PLATFORM.document(another) }))).to.deep.equal(
        failed("quote", "RootUnknown"),
      );
      expect(refusal(withEnrolment({ epoch: 1n }))).to.deep.equal(failed("reportData"));
      expect(refusal(withEnrolment({ blockHash: id("another block") }))).to.deep.equal(failed("reportData"));
      expect(refusal(withEnrolment({ enrolledAt: enrolledAt + 7200 }))).to.deep.equal(failed("quote", "DocumentStale"));
      const { enrolment } = bundle.evidence;
      const unsigned = { ...bundle, evidence: { ...bundle.evidence, enrolment: { ...enrolment, quote: flipped(9) } } };
      expect(refusal(unsigned)).to.deep.equal(failed("possession"));
    });

    it("does not hold in a bundle for another worker, root or code", () => {
      const worker = account(5, market.provider).address;
      expect(refusal(withEnrolment({ worker }))).to.deep.equal(failed("worker"));
      // The enclave's key signs for that worker, but its document binds the other.
      const signature = sign(bundle.job, worker);
      expect(refusal({ ...withEnrolment({ worker }), worker, signature })).to.deep.equal(failed("reportData"));
      expect(refusal(bundle, {})).to.deep.equal(failed("quote", "RootUnknown"));
      const measurements = [id("other code")];
      expect(refusal(bundle, { nitroRoot, measurements })).to.deep.equal(failed("measurement"));
    });
  });
});

/** One more quote verifier in the market's deployment, under the development root, and the code that it measures. */
async function deployVerifier({ url, admin }: Market) {
  const connection = await network.create({ network: "local", override: { url } });
  try {
    const { ethers } = connection;
    const [administrator] = await ethers.getSigners();
    if (administrator === undefined) throw new Error("no account");
    const manager = await ethers.deployContract("AccessManager", [administrator]);
    const p384 = await ethers.deployContract("P384");
    const certificates = await ethers.deployContract("NitroCertificates", [manager, p384, nitroRoot]);
    const verifier = await ethers.deployContract("NitroQuoteVerifier", [certificates, p384, MAX_AGE]);
    const contract = "enclaveRegistry";
    const verifierId = await read(admin, { contract, functionName: "quoteVerifierCount", args: [] });
    await write(admin, { contract, functionName: "addQuoteVerifier", args: [await verifier.getAddress()] });
    await write(admin, { contract, functionName: "acceptMeasurement", args: [MEASUREMENT, true] });
    return { verifierId, store: await certificates.getAddress() };
  } finally {
    await connection.close();
  }
}

/** A document by the platform, made at the time of the last block. */
async function documentFor({ provider }: Market, reportData: Uint8Array = new Uint8Array(64)): Promise<Uint8Array> {
  const now = (await provider.getBlock("latest"))?.timestamp ?? 0;
  return PLATFORM.document({ reportData, now, pcrs: PCRS });
}

interface Enrolling {
  readonly verifierId: bigint;
  readonly enclave: EnclaveKey;
}

async function enrol(market: Market, { verifierId, enclave }: Enrolling): Promise<void> {
  const { admin, deployment, provider, workerKey: worker } = market;
  const blockNumber = BigInt((await provider.getBlockNumber()) - 1);
  const { address: enclaveKey } = enclave;
  const args = [enclaveKey, worker, blockNumber] as const;
  const binding = await read(admin, { contract: "enclaveRegistry", functionName: "reportData", args });
  const quote = await documentFor(market, getBytes(concat(binding)));
  const digest = enrolmentDigest(deployment, { worker, quoteHash: keccak256(quote) });
  const keySignature = getBytes(enclave.signingKey.sign(digest).serialized);
  await enrollEnclave(admin, { verifierId, enclaveKey, worker, blockNumber, quote, keySignature });
}
