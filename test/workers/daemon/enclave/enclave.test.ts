import { expect } from "chai";
import { getBytes, hexlify, SigningKey } from "ethers";

import {
  blockToBind,
  findQuoteVerifier,
  makeEnrolment,
  QuoteError,
  type QuoteProvider,
  simulatedQuoteProvider,
} from "../../../../workers/daemon/index.ts";
import type { Fact } from "../../../../workers/daemon/facts.ts";
import { NO_JOB } from "../../../../workers/daemon/journal/journal.ts";
import { read, readAt, send, write } from "../../../../workers/sdk/access.ts";
import { enrollEnclave } from "../../../../workers/sdk/actions/enroll-enclave.ts";
import { request } from "../../../../workers/sdk/actions/request.ts";
import type { Client } from "../../../../workers/sdk/client.ts";
import { interfaceOf } from "../../../../workers/sdk/contracts.ts";
import { decodeEnclaveLogs, type EnclaveFact } from "../../../../workers/sdk/facts.ts";
import { signedCollateral, tcbInfo } from "../../../../workers/tee/development/collateral.ts";
import { developmentPlatform } from "../../../../workers/tee/development/development-platform.ts";
import { signersOf } from "../../../../workers/tee/development/platform.ts";
import { ENCLAVE, type MarketChain, MEASUREMENT, startMarketChain } from "../market-chain.ts";
import { runWorkers, type WorkerRunner } from "../running-workers.ts";
import { tinyRegressor } from "../tiny-model.ts";
import { errorOf } from "./error-of.ts";

const DAY = 86_400;
const INPUT = [[3n, -1n, 4n, -1n, 5n, -9n, 2n, 6n]];

describe("a worker with an enclave that is simulated", function () {
  this.timeout(240_000);
  let chain: MarketChain;
  let workers: WorkerRunner;
  let admin: Client;
  /** An account and a version for each test: workers of others, which are gone, are not drawn for it. */
  let index = 0;
  let versionId: string;

  before(async () => {
    chain = await startMarketChain();
    workers = runWorkers(chain);
    admin = await chain.clientOf(0);
  });
  beforeEach(async () => {
    index += 1;
    versionId = await chain.publish(tinyRegressor(`regressor ${index}`), ["Vanilla", "Tee"]);
    await chain.enlist(index, versionId, ["Vanilla", "Tee"]);
  });
  afterEach(() => workers.stopAll());
  after(() => chain.close());

  const start = (quoteProvider: QuoteProvider = chain.quoteProvider, options: { readonly verifierId?: bigint } = {}) =>
    workers.start(index, { enclave: { quoteProvider, ...options } });

  const enclaveFacts = async <Kind extends EnclaveFact["kind"]>(kind: Kind) => {
    const address = chain.deployment.enclaveRegistry;
    const facts = decodeEnclaveLogs(await chain.provider.getLogs({ address, fromBlock: 0 }));
    return facts.filter((fact): fact is Extract<EnclaveFact, { readonly kind: Kind }> => fact.kind === kind);
  };
  const enrolments = async () => {
    const worker = chain.wallet(index).address;
    return (await enclaveFacts("EnclaveEnrolled")).filter((fact) => fact.worker === worker);
  };
  /** The last of so many enrolments. */
  const enrolled = async (count: number) =>
    workers.patiently(`${count} enrolments`, async () => {
      const found = await enrolments();
      return found.length < count ? undefined : found[count - 1];
    });
  const ask = async () => {
    const wanted = { versionId, level: "Tee", input: INPUT, maxFee: 10n ** 12n } as const;
    return (await request(await chain.clientOf(0), wanted)).jobId;
  };
  const own = (): Promise<readonly Fact[]> => workers.journaled(index, NO_JOB);
  const signedKinds = async (): Promise<string[]> =>
    (await own()).flatMap((fact) => (fact.kind === "signed" ? [fact.send] : []));
  const refusals = async (): Promise<string[]> =>
    (await own()).flatMap((fact) => (fact.kind === "refused" ? [fact.error] : []));

  it("enrols by a quote that the chain verifies, and answers at Tee", async () => {
    const jobId = await ask();
    await start();
    const fact = await enrolled(1);
    expect(fact).to.include({ simulated: true, measurement: MEASUREMENT, epoch: 0n });
    await workers.until(jobId, "JobSettled");
    expect(await signedKinds()).to.deep.equal(["enroll"]);
  });

  it("renews before its enrolment ends, with the quote of a later block", async () => {
    await start();
    const first = await enrolled(1);
    await chain.passTime(30 * DAY - 1800);
    const second = await enrolled(2);
    expect(second.enclaveKey).to.equal(first.enclaveKey);
    expect(second.expiresAt > first.expiresAt).to.equal(true);
    expect(second.blockNumber > first.blockNumber).to.equal(true);
    await workers.until(await ask(), "JobSettled");
    expect(await enrolments()).to.have.length(2);
  });

  it("enrols again when its enrolment ended while it did not look", async () => {
    await start();
    const { enclaveKey } = await enrolled(1);
    await chain.passTime(31 * DAY);
    const jobId = await ask();
    expect((await enrolled(2)).enclaveKey).to.equal(enclaveKey);
    await workers.until(jobId, "JobSettled");
  });

  it("enrols again, in the next key epoch, when the worker's keys were ended", async () => {
    await start();
    await enrolled(1);
    await write(await chain.clientOf(index), {
      contract: "enclaveRegistry",
      functionName: "endKeys",
      args: [chain.wallet(index).address],
    });
    expect(await enrolled(2)).to.include({ epoch: 1n });
    await workers.until(await ask(), "JobSettled");
  });

  it("enrols again when anyone removed its key, since the measurement was withdrawn for a while", async () => {
    await start();
    const { enclaveKey } = await enrolled(1);
    for (const isAccepted of [false, true]) {
      const args = [MEASUREMENT, isAccepted] as const;
      await write(admin, { contract: "enclaveRegistry", functionName: "acceptMeasurement", args });
      if (!isAccepted)
        await write(admin, { contract: "enclaveRegistry", functionName: "invalidate", args: [enclaveKey] });
    }
    await enrolled(2);
    await workers.until(await ask(), "JobSettled");
  });

  it("renews at once when it was put on notice, as soon as its platform is good again", async () => {
    await start();
    const { enclaveKey, quoteHash, expiresAt } = await enrolled(1);
    // It answers once it knows of its enrolment: what it first saw after the notice, it would not take for one.
    await workers.until(await ask(), "JobSettled");
    await postTcbInfo("OutOfDate");
    const shown = (await enclaveFacts("QuoteShown")).find((fact) => fact.quoteHash === quoteHash);
    await write(admin, {
      contract: "enclaveRegistry",
      functionName: "invalidateByQuote",
      args: [enclaveKey, shown?.quote ?? "0x"],
    });
    const [notice] = (await enclaveFacts("EnclaveOnNotice")).filter((fact) => fact.enclaveKey === enclaveKey);
    expect((notice?.expiresAt ?? 0n) < expiresAt).to.equal(true);
    await workers.patiently("refusal", async () =>
      (await refusals()).includes("TcbStatusRefused") ? true : undefined,
    );

    await postTcbInfo("UpToDate");
    await chain.passTime(600);
    const renewed = await enrolled(2);
    expect(renewed.enclaveKey).to.equal(enclaveKey);
    expect(renewed.expiresAt > (notice?.expiresAt ?? 0n)).to.equal(true);
  });

  it("is another enclave after a restart, and its jobs are answered", async () => {
    const before = await start();
    const first = await enrolled(1);
    await before.stop();
    const jobId = await ask();
    await start();
    expect((await enrolled(2)).enclaveKey).to.not.equal(first.enclaveKey);
    await workers.until(jobId, "JobSettled");
  });

  it("lets a job wait while no quote comes, and answers it when one does", async () => {
    let asked = 0;
    const quote = (reportData: Uint8Array) => {
      asked += 1;
      if (asked < 3) return Promise.reject(new QuoteError("QUOTE_BUSY", "somebody else uses it"));
      return chain.quoteProvider.quote(reportData);
    };
    const jobId = await ask();
    await start({ ...chain.quoteProvider, quote });
    await workers.patiently("first attempt", () => (asked > 0 ? true : undefined));
    expect(await enrolments()).to.deep.equal([]);
    await chain.passTime(10);
    await workers.patiently("second attempt", () => (asked > 1 ? true : undefined));
    await chain.passTime(10);
    await workers.until(jobId, "JobSettled");
    expect((await workers.journaled(index, jobId)).filter(({ kind }) => kind === "failed")).to.deep.equal([]);
  });

  it("keeps asking, less and less often, when the chain refuses its quotes", async () => {
    const foreign = simulatedQuoteProvider({ ...ENCLAVE, rootSecret: `0x${"77".repeat(32)}` });
    await start(foreign);
    await workers.patiently("refusal", async () => ((await refusals()).length > 0 ? true : undefined));
    await chain.passTime(10_000);
    await workers.patiently("another refusal", async () => ((await refusals()).length > 1 ? true : undefined));
    expect(new Set(await refusals())).to.deep.equal(new Set(["RootUnknown"]));
    expect(await signedKinds()).to.deep.equal([]);
  });

  it("sends what a provider needs beforehand, and then enrols by a fresh quote", async () => {
    const verifier = await findQuoteVerifier(admin, chain.quoteProvider);
    const { chains } = developmentPlatform(ENCLAVE.rootSecret);
    const to = await storeOf(verifier.address);
    const data = interfaceOf("certificateStore").encodeFunctionData("remember", [chains.pck]);
    const prepared: string[] = [];
    await start({
      ...chain.quoteProvider,
      async preparation(quote, address) {
        expect(address).to.equal(verifier.address);
        prepared.push(hexlify(quote));
        const call = { label: "CertificateStore.remember", to, data, value: 0n };
        return (await signedKinds()).length < 2 ? call : null;
      },
    });
    const { quoteHash } = await enrolled(1);
    expect(await signedKinds()).to.deep.equal(["prepare-quote", "prepare-quote", "enroll"]);
    expect(new Set(prepared).size).to.equal(3);
    const shown = (await enclaveFacts("QuoteShown")).find((fact) => fact.quoteHash === quoteHash);
    expect(shown?.quote).to.equal(prepared[2]);
  });

  it("enrols by a quote verifier that its configuration names, if that takes the quotes", async () => {
    const { id } = await findQuoteVerifier(admin, { kind: "dcap", simulated: false });
    await start(chain.quoteProvider, { verifierId: id });
    await workers.patiently("refusal", async () => ((await refusals()).includes("RootUnknown") ? true : undefined));
    expect(await enrolments()).to.deep.equal([]);
  });

  /** What the maker says of the development platform from now on. */
  async function postTcbInfo(tcbStatus: string): Promise<void> {
    const { address } = await findQuoteVerifier(admin, chain.quoteProvider);
    const call = { contract: "dcapQuoteVerifier", functionName: "COLLATERAL", args: [] } as const;
    const registry = await readAt(admin, address, call);
    issuedAt += 1;
    const content = tcbInfo(true, { issuedAt, nextUpdate: issuedAt + 3650 * DAY });
    const tcbLevels = content.tcbLevels.map((level, i) => (i === 0 ? { ...level, tcbStatus } : level));
    const signed = signedCollateral({ ...content, tcbLevels }, signersOf(ENCLAVE.rootSecret).collateralSigner);
    const { chains } = developmentPlatform(ENCLAVE.rootSecret);
    const data = interfaceOf("collateralRegistry").encodeFunctionData("postTcbInfo", [
      chains.collateralSigner,
      ...signed,
    ]);
    await send(admin, { label: "postTcbInfo", to: registry, data, value: 0n });
  }
  let issuedAt = Math.floor(Date.now() / 1000) - DAY / 2;

  const storeOf = (verifier: string) =>
    readAt(admin, verifier, { contract: "dcapQuoteVerifier", functionName: "CERTIFICATES", args: [] });
});

describe("an enrolment", function () {
  this.timeout(240_000);
  let chain: MarketChain;
  let admin: Client;
  const key = new SigningKey(`0x${"11".repeat(32)}`);

  before(async () => {
    chain = await startMarketChain();
    admin = await chain.clientOf(0);
  });
  after(() => chain.close());

  it("goes to the verifier of the deployment that reads the provider's quotes", async () => {
    for (const simulated of [true, false]) {
      const { id, address } = await findQuoteVerifier(admin, { kind: "dcap", simulated });
      const args = [id] as const;
      const found = await read(admin, { contract: "enclaveRegistry", functionName: "quoteVerifierOf", args });
      expect([found[0], found[2]]).to.deep.equal([address, simulated]);
    }
  });

  it("has nowhere to go where no verifier reads them: QUOTE_VERIFIER_MISSING", async () => {
    const error = await errorOf(findQuoteVerifier(admin, { kind: "nitro", simulated: true }));
    expect(error).to.include({ code: "QUOTE_VERIFIER_MISSING", retryable: true });
  });

  it("may go to one that is named, which must exist", async () => {
    expect(await findQuoteVerifier(admin, chain.quoteProvider, { verifierId: 0n })).to.include({ id: 0n });
    const error = await errorOf(findQuoteVerifier(admin, chain.quoteProvider, { verifierId: 99n }));
    expect(error).to.include({ code: "QuoteVerifierUnknown" });
  });

  it("binds a block that is neither the newest nor forgotten", () => {
    expect(blockToBind(1000, 0)).to.equal(999);
    expect(blockToBind(1000, 12)).to.equal(988);
    expect(blockToBind(1000, 5000)).to.equal(872);
    expect(blockToBind(0, 0)).to.equal(0);
  });

  it("is taken from whoever sends it, and not a second time", async () => {
    const provider = chain.quoteProvider;
    const { id: verifierId } = await findQuoteVerifier(admin, provider);
    const blockNumber = blockToBind(await chain.provider.getBlockNumber(), 0);
    const worker = chain.wallet(5).address;
    const { quote, keySignature, ...rest } = await makeEnrolment({
      client: admin,
      provider,
      verifierId,
      key,
      worker,
      blockNumber,
    });
    const enrolment = { ...rest, quote: getBytes(quote), keySignature: getBytes(keySignature) };
    const stranger = await chain.clientOf(6);
    await enrollEnclave(stranger, enrolment);
    expect(await errorOf(enrollEnclave(stranger, enrolment))).to.include({ code: "QuoteSuperseded" });
  });

  it("of a block that the chain does not know is not made: QuoteStale", async () => {
    const blockNumber = (await chain.provider.getBlockNumber()) + 1000;
    const made = makeEnrolment({
      client: admin,
      provider: chain.quoteProvider,
      verifierId: 0n,
      key,
      worker: chain.wallet(5).address,
      blockNumber,
    });
    expect(await errorOf(made)).to.include({ code: "QuoteStale" });
  });
});
