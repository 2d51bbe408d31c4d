import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { concat, getBytes, type JsonRpcProvider, keccak256, type Wallet } from "ethers";

import { contentId } from "../../../circuits/format/content-id.ts";
import { AssayError } from "../../../circuits/format/error.ts";
import { encodeManifest, type FileReference } from "../../../circuits/format/manifest.ts";
import { account } from "../../../scripts/demo/accounts.ts";
import { makeRootSecret } from "../../../scripts/demo/development-root.ts";
import {
  bindingOf,
  type Client,
  createClient,
  enrollEnclave,
  enrolmentDigest,
  type Job,
  type Level,
  openProvider,
  proofEvidence,
  publishModel,
  read,
  registerWorker,
  request,
  resultDigest,
  serve,
  write,
} from "../../../workers/sdk/index.ts";
import {
  developmentPlatform,
  type DevelopmentPlatform,
} from "../../../workers/tee/development/development-platform.ts";
import { measurement } from "../../../workers/tee/development/image.ts";
import { LocalStore } from "../../../workers/store/local-store.ts";
import { serveStore } from "../../../workers/store/serve-store.ts";
import { doubling } from "../../contracts/doubling.ts";
import { startLocalDeployment, type TestToken } from "../../local-deployment.ts";

export const GWEI = 10n ** 9n;
export const ETHER = 10n ** 18n;
export const PRICE = 5n * GWEI;
export const WORK_UNITS = 10n;
export const ROYALTY = 10n * GWEI;
/** What the only worker asks: price x work units + royalty, and no protocol fee. */
export const ASK = PRICE * WORK_UNITS + ROYALTY;
/** What the simulated enclave runs. */
export const IMAGE = "measured code";
export const MEASUREMENT = measurement(IMAGE);
const ALL_LEVELS = ["Vanilla", "Tee", "Zkml"] as const;

export type Market = Awaited<ReturnType<typeof openMarket>>;

/**
 * A Hardhat node behind HTTP, a store likewise, a published model that doubles a byte below 128, and one worker with
 * an enclave that serves it at every level. All is paid in the native coin, or in a token. Close it.
 */
export async function openMarket(token?: TestToken) {
  const undo: (() => unknown)[] = [];
  const close = async () => {
    for (const action of undo.splice(0).reverse()) await action();
  };
  try {
    return { ...(await open(undo, token)), close };
  } catch (error) {
    // What stays open would keep the process of the tests alive.
    await close();
    throw error;
  }
}

async function open(undo: (() => unknown)[], token: TestToken | undefined) {
  const rootSecret = makeRootSecret();
  const chain = await startLocalDeployment(rootSecret, token);
  undo.push(() => chain.close());
  const { url, deployment } = chain;
  const provider = openProvider(url, deployment, { pollingInterval: 20 });
  undo.push(() => provider.destroy());
  const clientOf = (index: number): Promise<Client> =>
    createClient({ provider, signer: account(index, provider), deployment });
  const [admin, owner, operator, worker, requester] = await Promise.all([
    clientOf(0),
    clientOf(1),
    clientOf(2),
    clientOf(3),
    clientOf(4),
  ]);

  const directory = await mkdtemp(join(tmpdir(), "assay-sdk-"));
  undo.push(() => rm(directory, { recursive: true }));
  const store = new LocalStore(directory);
  const server = await serveStore({ store });
  undo.push(() => server.close());
  const publication = await prepareDoubling(store, server.url);
  const published = await publishModel(owner, publication);
  const { versionId } = published;

  const { address: workerKey } = account(3, provider);
  const { workerId } = await registerWorker(operator, { key: workerKey, price: PRICE, stake: ETHER });
  await serve(worker, { workerId, versionId, levels: ALL_LEVELS });
  const enclave = account(9, provider);
  const platform = developmentPlatform(rootSecret);
  await write(admin, { contract: "enclaveRegistry", functionName: "acceptMeasurement", args: [MEASUREMENT, true] });
  await enrol(admin, { platform, enclave, worker: workerKey });

  return {
    url,
    deployment,
    provider,
    admin,
    owner,
    operator,
    clientOf,
    worker,
    requester,
    workerId,
    workerKey,
    enclave,
    platform,
    publication,
    ...published,
    /** Requests, and mines a block so that the draw is known. */
    async ask(level: Level, input = 21n) {
      const asked = await request(requester, { versionId, level, input: [[input]], maxFee: 2n * ASK });
      await provider.send("evm_mine", []);
      return asked;
    },
    /** Registers one more worker, which is its own operator, and serves the version at these levels. */
    async join(index: number, levels: readonly Level[] = ["Vanilla"], served = versionId) {
      const client = await clientOf(index);
      const { address: key } = account(index, provider);
      const joined = await registerWorker(client, { key, price: PRICE, stake: ETHER });
      await serve(client, { workerId: joined.workerId, versionId: served, levels });
      return { client, key, workerId: joined.workerId };
    },
    /** Zkml evidence by the worker that the double of the input is the answer. */
    async prove(job: Job, input: number): Promise<Uint8Array> {
      const digest = resultDigest(deployment, job, keccak256(Uint8Array.of(2 * input)), workerKey);
      const proof = await (await doubling()).prove(bindingOf(digest), input);
      return proofEvidence(proof, Uint8Array.of(input));
    },
    /** Tee evidence by the worker's enclave. */
    sign(job: Job, output: Uint8Array): Uint8Array {
      const digest = resultDigest(deployment, job, keccak256(output), workerKey);
      return getBytes(enclave.signingKey.sign(digest).serialized);
    },
    /** Moves past a time in Unix seconds. */
    async passTime(until: bigint): Promise<void> {
      await provider.send("evm_setNextBlockTimestamp", [Number(until) + 1]);
      await provider.send("evm_mine", []);
    },
  };
}

/** Publishable files of a model whose circuit is real; the model's own bytes are never read on chain. */
async function prepareDoubling(store: LocalStore, uri: string) {
  const circuit = await doubling();
  const { key } = circuit;
  const bytesOf = (name: string) => new TextEncoder().encode(`the doubling ${name}`);
  const [model, graph, zkey] = [bytesOf("model"), bytesOf("graph"), bytesOf("proving key")];
  const referenceTo = (bytes: Uint8Array): FileReference => ({ cid: contentId(bytes), bytes: bytes.length });
  const byte = { bits: 8, decimals: 0, shape: [1] };
  const manifest = encodeManifest({
    assay: 1,
    name: "doubling",
    model: referenceTo(model),
    inputs: [{ name: "x", ...byte, kind: "uint" }],
    outputs: [{ name: "y", ...byte, kind: "uint" }],
    adapters: { input: null, output: null },
    circuit: {
      graph: referenceTo(graph),
      zkey: referenceTo(zkey),
      verificationKey: referenceTo(key),
      constraints: 9,
      wires: 11,
      publicSignals: 2,
      keys: "dev",
    },
  });
  const sample = { binding: 1n, input: Uint8Array.of(3), output: Uint8Array.of(6), proof: await circuit.prove(1n, 3) };
  return {
    store,
    uri,
    manifest,
    files: [model, graph, zkey, key],
    levels: ALL_LEVELS,
    verificationKey: key,
    sample,
    royalty: ROYALTY,
    workUnits: WORK_UNITS,
  };
}

/** The same files as a version that enclaves answer alone. */
export function teeOnly({ publication }: Pick<Market, "publication">) {
  const { store, uri, manifest, files, royalty, workUnits } = publication;
  return { store, uri, manifest, files, royalty, workUnits, levels: ["Tee"] } as const;
}

export interface EnrolOptions {
  readonly platform: DevelopmentPlatform;
  readonly enclave: Pick<Wallet, "address" | "signingKey">;
  readonly worker: string;
  readonly image?: string;
}

/** Enrols an enclave by a simulated quote that binds the newest block but one. */
export async function enrol(client: Client, { platform, enclave, worker, image = IMAGE }: EnrolOptions) {
  const blockNumber = BigInt((await client.provider.getBlockNumber()) - 1);
  const { address: enclaveKey } = enclave;
  const binding = await read(client, {
    contract: "enclaveRegistry",
    functionName: "reportData",
    args: [enclaveKey, worker, blockNumber],
  });
  const quote = platform.quote({ reportData: getBytes(concat(binding)), image });
  const digest = enrolmentDigest(client.deployment, { worker, quoteHash: keccak256(quote) });
  const keySignature = getBytes(enclave.signingKey.sign(digest).serialized);
  const verifierId = await simulatedVerifier(client);
  return enrollEnclave(client, { verifierId, enclaveKey, worker, blockNumber, quote, keySignature });
}

async function simulatedVerifier(client: Client): Promise<bigint> {
  const contract = "enclaveRegistry";
  const count = await read(client, { contract, functionName: "quoteVerifierCount", args: [] });
  for (let id = count - 1n; id >= 0n; id--) {
    const [, , simulated] = await read(client, { contract, functionName: "quoteVerifierOf", args: [id] });
    if (simulated) return id;
  }
  throw new Error("no quote verifier takes simulated quotes");
}

/**
 * The client on the same node, behind something that may change what the node answers, or answer in its place. Close
 * nothing: the provider keeps no socket open.
 */
export function through(
  { url, deployment }: Pick<Market, "url" | "deployment">,
  client: Client,
  change: (method: string, parameters: unknown, ask: () => Promise<unknown>) => Promise<unknown>,
): Client & { readonly provider: JsonRpcProvider } {
  const provider = openProvider(url, deployment, { pollingInterval: 20 });
  const send = provider.send.bind(provider);
  provider.send = (method, parameters) => change(method, parameters, () => send(method, parameters));
  return { ...client, provider };
}

/** What a node changes in its answers to one method, or to all of them. */
export interface Lie {
  readonly method?: string;
  readonly from: string;
  readonly to: string;
}

/** The client on the same node, which tells a lie; `timesTold` counts the answers that it changed. */
export function lying(market: Pick<Market, "url" | "deployment">, client: Client, { method, from, to }: Lie) {
  let told = 0;
  const liar = through(market, client, async (asked, _parameters, ask) => {
    const answer = await ask();
    if (method !== undefined && asked !== method) return answer;
    const text = JSON.stringify(answer);
    if (text.includes(from)) told++;
    return JSON.parse(text.replaceAll(from, to)) as unknown;
  });
  return { liar, timesTold: () => told };
}

/** The error that an attempt ends with; fails if it succeeds or throws something else. */
export async function failure(attempt: Promise<unknown>): Promise<AssayError> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof AssayError) return error;
    throw error;
  }
  throw new Error("it succeeded");
}
