import { join } from "node:path";

import { expect } from "chai";
import { getBytes, hexlify } from "ethers";
import { pino } from "pino";

import { evaluate } from "../../../circuits/compiler/index.ts";
import { decodeProof, decodeVerificationKey } from "../../../circuits/format/groth16.ts";
import { encodeManifest } from "../../../circuits/format/manifest.ts";
import { interfaceWords } from "../../../circuits/format/interface-words.ts";
import { packTensors } from "../../../circuits/format/tensor.ts";
import { verifyProof } from "../../../circuits/format/verify-groth16.ts";
import type { Visibility } from "../../../circuits/format/visibility.ts";
import { type RunningWorker, startWorker, type WorkerConfig } from "../../../workers/daemon/index.ts";
import { type PreparedVersion, type PrepareOptions, prepareVersion } from "../../../workers/publish/prepare-version.ts";
import { readReference } from "../../../workers/publish/read-reference.ts";
import { publicationOf } from "../../../workers/publish/publication.ts";
import {
  type Client,
  commitInput,
  fetchOutput,
  getJob,
  type JobFact,
  publishModel,
  request,
  sendPreimage,
  verifyResult,
} from "../../../workers/sdk/index.ts";
import { LocalStore } from "../../../workers/store/index.ts";
import { buildMlp } from "../../circuits/compiler/build-onnx.ts";
import { type MarketChain, startMarketChain } from "./market-chain.ts";
import { regress, tinyRegressor } from "./tiny-model.ts";

const INPUT = [[3n, -1n, 4n, -1n, 5n]];
const MAX_FEE = 10n ** 12n;

async function prepare(
  name: string,
  visibility: Visibility,
  { seed = 7, ...options }: PrepareOptions & { readonly seed?: number } = {},
): Promise<PreparedVersion> {
  const source = {
    name,
    onnx: buildMlp([5, 4, 3], seed),
    config: {
      inputs: [{ kind: "int", bits: 8, decimals: 0 } as const],
      agreement: 0.5,
      weightBits: 6,
      activationBits: 8,
      adapters: {},
      visibility,
    },
    inputAdapter: null,
    outputAdapter: null,
    samples: undefined,
  };
  return prepareVersion(source, options);
}

describe("private versions in the market", function () {
  this.timeout(240_000);
  let chain: MarketChain;
  let requester: Client;
  let prepared: PreparedVersion;
  let versionId: string;
  let ownerStore: LocalStore;
  const running: RunningWorker[] = [];
  const told: string[] = [];

  const start = async (index: number, overrides: Partial<WorkerConfig>): Promise<RunningWorker> => {
    const worker = await startWorker({
      deployment: chain.deployment,
      rpcUrls: [chain.url],
      signer: chain.wallet(index),
      directory: join(chain.directory, `private-${index}`),
      lockDirectory: join(chain.directory, "locks"),
      inputs: { port: 0 },
      pollInterval: 50,
      proverThreads: 1,
      logger: pino({ level: "info" }, { write: (line: string) => void told.push(line) }),
      policy: { claim: "never", recheckSeconds: 1 },
      ...overrides,
    });
    running.push(worker);
    return worker;
  };
  const until = async (jobId: string, kind: JobFact["kind"]): Promise<readonly JobFact[]> => {
    for (let tries = 0; tries < 1200; tries++) {
      const { timeline } = await getJob(requester, { jobId });
      if (timeline.some((fact) => fact.kind === kind)) return timeline;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`no ${kind} for ${jobId}: ${told.join("")}`);
  };
  const untilTold = async (text: string): Promise<void> => {
    for (let tries = 0; tries < 1200 && !told.join("").includes(text); tries++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(told.join("")).to.include(text);
  };

  before(async () => {
    chain = await startMarketChain();
    requester = await chain.clientOf(9);
    ownerStore = new LocalStore(join(chain.directory, "owner"));
    prepared = await prepare("private", { input: "committed", output: "committed", weights: "owner-held" });
    const published = await publishModel(await chain.clientOf(0), {
      ...publicationOf(prepared, ["Vanilla", "Zkml"]),
      store: chain.store,
      ownerStore,
      uri: "ipfs://",
    });
    versionId = published.versionId;
    await chain.enlist(1, versionId, ["Vanilla", "Zkml"]);
  });
  afterEach(async () => {
    for (const worker of running.splice(0)) await worker.stop();
    told.splice(0);
  });
  after(() => chain.close());

  it("keeps what gives the weights away out of the public store", async () => {
    const { model, circuit } = prepared.manifest;
    const owned = [model.cid, circuit?.graph.cid ?? "", circuit?.zkey.cid ?? ""];
    for (const cid of owned) {
      expect(await chain.store.get(cid).catch((error: unknown) => (error as { code: string }).code)).to.equal(
        "ARTIFACT_MISSING",
      );
      expect((await ownerStore.get(cid)).length).to.be.greaterThan(0);
    }
  });

  it("refuses to publish weights that their owner holds", async () => {
    const { ownerFiles, ...rest } = publicationOf(prepared, ["Vanilla", "Zkml"]);
    const files = [...rest.files, ...(ownerFiles ?? [])];
    const attempt = publishModel(await chain.clientOf(0), { ...rest, files, store: chain.store, uri: "ipfs://" });
    expect(await attempt.catch((error: unknown) => (error as { code: string }).code)).to.equal("PUBLICATION_INVALID");
  });

  it("proves a committed output of a committed input once the preimage arrives", async () => {
    const worker = await start(1, { stores: [ownerStore, chain.store] });
    const committed = commitInput(prepared.manifest, INPUT);
    const { jobId } = await request(requester, { versionId, level: "Zkml", input: committed.input, maxFee: MAX_FEE });
    await untilTold("input-not-here");

    await sendPreimage(worker.inputsUrl ?? "", prepared.manifest, committed);
    // The worker looks again when the chain's time says so.
    await chain.passTime(2);
    const facts = await until(jobId, "JobSettled");
    expect(facts.map(({ kind }) => kind)).to.deep.equal(["JobRequested", "JobFulfilled", "JobSettled"]);

    const result = await verifyResult(requester, { jobId });
    expect(result.evidence).to.equal("proof");
    const { preimage } = committed;
    if (preimage === null) throw new Error("a committed input has a preimage");
    const opening = { commitment: result.packedOutput, salt: preimage.salt };
    const outputs = await fetchOutput(worker.inputsUrl ?? "", prepared.manifest, opening);
    expect(outputs).to.deep.equal(evaluate(prepared.compilation.graph, INPUT));

    // Neither the input nor the output is anywhere on the chain.
    const found = await getJob(requester, { jobId });
    expect(hexlify(found.input)).to.equal(hexlify(committed.input));
    expect(getBytes(found.input)).to.have.lengthOf(31);
    expect(result.packedOutput).to.have.lengthOf(31);
    const other = { ...opening, salt: preimage.salt ^ 1n };
    const refused = fetchOutput(worker.inputsUrl ?? "", prepared.manifest, other);
    expect(await refused.catch((error: unknown) => (error as { code: string }).code)).to.equal("WORKER_REFUSED");
  });

  it("refuses a preimage of another commitment, and what is none", async () => {
    const worker = await start(1, { stores: [ownerStore, chain.store] });
    const url = worker.inputsUrl ?? "";
    const { input, preimage } = commitInput(prepared.manifest, INPUT);
    if (preimage === null) throw new Error("a committed input has a preimage");
    const wrong = { input, preimage: { ...preimage, salt: preimage.salt ^ 1n } };
    const refused = await sendPreimage(url, prepared.manifest, wrong).catch((error: unknown) => error);
    expect(String(refused)).to.include("COMMITMENT_MISMATCH");
    const put = (path: string, body: string) =>
      fetch(`${url}${path}`, { method: "PUT", body, headers: { "content-type": "application/json" } });
    expect((await put("/v1/inputs/0x12", "{}")).status).to.equal(400);
    expect((await put(`/v1/inputs/${hexlify(input)}`, "{}")).status).to.equal(400);
    expect((await put(`/v1/inputs/${hexlify(input)}`, `{"packed":"0x${"00".repeat(9 * 2 ** 20)}"}`)).status).to.equal(
      413,
    );
    expect((await put("/v1/inputs/..%2f..%2fjournal.sqlite", "{}")).status).to.equal(400);
  });

  it("cannot be served by a stranger, who has no weights", async () => {
    await chain.enlist(2, versionId, ["Vanilla", "Zkml"]);
    const stranger = await start(2, { stores: [chain.store] });
    const committed = commitInput(prepared.manifest, INPUT);
    await sendPreimage(stranger.inputsUrl ?? "", prepared.manifest, committed);
    const { jobId } = await request(requester, { versionId, level: "Zkml", input: committed.input, maxFee: MAX_FEE });
    // Whoever is drawn, the stranger may act when both priority windows are over.
    await chain.passTime(121);
    await untilTold("ARTIFACT_PRIVATE");
    const { timeline } = await getJob(requester, { jobId });
    expect(timeline.map(({ kind }) => kind)).to.deep.equal(["JobRequested"]);
  });

  it("answers a version without a circuit in private, too", async () => {
    const visibility: Visibility = { input: "committed", output: "committed", weights: "constant" };
    const plain = tinyRegressor("private regressor");
    const manifest = { ...plain.manifest, visibility };
    const id = await chain.publish({ ...plain, manifest, manifestBytes: encodeManifest(manifest) }, ["Vanilla", "Tee"]);
    await chain.enlist(4, id, ["Tee"]);
    const worker = await start(4, { stores: [chain.store], enclave: { quoteProvider: chain.quoteProvider } });
    const values = [3n, -1n, 4n, -1n, 5n, -9n, 2n, 6n];
    const committed = commitInput(manifest, [values]);
    await sendPreimage(worker.inputsUrl ?? "", manifest, committed);
    const { jobId } = await request(requester, {
      versionId: id,
      level: "Tee",
      input: committed.input,
      maxFee: MAX_FEE,
    });
    await until(jobId, "JobSettled");
    const { packedOutput } = await verifyResult(requester, { jobId });
    const salt = committed.preimage?.salt ?? 0n;
    const outputs = await fetchOutput(worker.inputsUrl ?? "", manifest, { commitment: packedOutput, salt });
    expect(outputs).to.deep.equal([regress(values.map(Number))]);
  });

  it("names in the manifest what is hidden", () => {
    expect(prepared.manifest.visibility).to.deep.equal({
      input: "committed",
      output: "committed",
      weights: "owner-held",
    });
  });

  it("proves retrained models with one proving key, each against a key of its own", async () => {
    const visibility: Visibility = { input: "public", output: "public", weights: "committed" };
    const first = await prepare("trained", visibility);
    const publish = async (version: PreparedVersion) =>
      publishModel(await chain.clientOf(0), {
        ...publicationOf(version, ["Vanilla", "Zkml"]),
        store: chain.store,
        ownerStore,
        uri: "ipfs://",
      });
    const { manifestCid } = await publish(first);
    const retrainOf = await readReference(manifestCid, chain.store, ownerStore);
    const second = await prepare("retrained", visibility, { seed: 8, retrainOf });

    const keys = [first, second].map(({ verificationKey }) => decodeVerificationKey(verificationKey));
    expect(second.manifest.circuit?.zkey.cid).to.equal(first.manifest.circuit?.zkey.cid);
    expect(second.manifest.circuit?.verificationKey.cid).to.not.equal(first.manifest.circuit?.verificationKey.cid);
    const shows = [first, second].map(({ sample }) =>
      keys.map((key) => {
        const signals = [sample.binding, ...interfaceWords(sample.input, sample.output)];
        return verifyProof(key, signals, decodeProof(sample.proof));
      }),
    );
    expect(shows).to.deep.equal([
      [true, false],
      [false, true],
    ]);

    const published = await publish(second);
    await chain.enlist(3, published.versionId, ["Vanilla", "Zkml"]);
    await start(3, { stores: [ownerStore, chain.store] });
    const { versionId: asked } = published;
    const { jobId } = await request(requester, { versionId: asked, level: "Zkml", input: INPUT, maxFee: MAX_FEE });
    await until(jobId, "JobSettled");
    const result = await verifyResult(requester, { jobId });
    expect(result.evidence).to.equal("proof");
    const answer = evaluate(second.compilation.graph, INPUT);
    expect(hexlify(result.packedOutput)).to.equal(hexlify(packTensors(second.manifest.outputs, answer)));
  });
});
