import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type HDNodeWallet, HDNodeWallet as HdWallet, getBytes, hexlify, keccak256, toUtf8Bytes } from "ethers";
import { network } from "hardhat";

import { contentId } from "../../../circuits/format/content-id.ts";
import { AssayError } from "../../../circuits/format/error.ts";
import { encodeManifest, type FileReference } from "../../../circuits/format/manifest.ts";
import Assay from "../../../scripts/ignition/Assay.ts";
import {
  simulatedQuoteProvider,
  simulatedRootPoint,
} from "../../../workers/daemon/enclave/simulated-quote-provider.ts";
import {
  type Client,
  createClient,
  type Deployment,
  enrollEnclave,
  openProvider,
  publishModel,
  read,
  registerWorker,
  serve,
  write,
} from "../../../workers/sdk/index.ts";
import { LocalStore } from "../../../workers/store/local-store.ts";
import { serveStore } from "../../../workers/store/serve-store.ts";
import { doubling } from "../../contracts/doubling.ts";

const MNEMONIC = "test test test test test test test test test test test junk";
export const GWEI = 10n ** 9n;
export const ETHER = 10n ** 18n;
export const PRICE = 5n * GWEI;
export const WORK_UNITS = 10n;
export const ROYALTY = 10n * GWEI;
/** What the only worker asks: price x work units + royalty, and no protocol fee. */
export const ASK = PRICE * WORK_UNITS + ROYALTY;
const ROOT_KEY = hexlify(keccak256(toUtf8Bytes("development root"))) as `0x${string}`;
const MEASUREMENT = keccak256(toUtf8Bytes("measured code")) as `0x${string}`;

export type Market = Awaited<ReturnType<typeof openMarket>>;

/**
 * A Hardhat node behind HTTP on a free port, a store likewise, a published model that doubles a byte below 128, and one
 * worker with an enclave that serves it at every level.
 */
export async function openMarket() {
  const node = await network.createServer({}, "127.0.0.1", 0);
  const { port } = await node.listen();
  const url = `http://127.0.0.1:${port}`;
  const connection = await network.create({ network: "local", override: { url } });
  const deployment = await deploy(connection);
  const provider = openProvider(url, deployment, { pollingInterval: 20 });
  const clientOf = (index: number): Promise<Client> =>
    createClient({ provider, signer: accountAt(index).connect(provider), deployment });
  const [admin, owner, operator, worker, requester] = await Promise.all([0, 1, 2, 3, 4].map(clientOf));
  if (!admin || !owner || !operator || !worker || !requester) throw new Error("too few clients");

  const directory = await mkdtemp(join(tmpdir(), "assay-sdk-"));
  const store = new LocalStore(directory);
  const server = await serveStore({ store });
  const publication = await prepareDoubling(store, server.url);
  const published = await publishModel(owner, publication);

  const workerKey = accountAt(3).address;
  const { workerId } = await registerWorker(operator, { key: workerKey, price: PRICE, stake: ETHER });
  await serve(worker, { workerId, versionId: published.versionId, levels: ["Vanilla", "Tee", "Zkml"] });
  const enclave = accountAt(9);
  await enrol(admin, enclave, workerKey);

  return {
    url,
    connection,
    deployment,
    provider,
    directory,
    storeUrl: server.url,
    admin,
    owner,
    worker,
    requester,
    workerId,
    workerKey,
    enclave,
    publication,
    ...published,
    mine: () => connection.networkHelpers.mine(),
    close: async () => {
      await server.close();
      await rm(directory, { recursive: true });
      provider.destroy();
      await connection.close();
      await node.close();
    },
  };
}

export function accountAt(index: number): HDNodeWallet {
  return HdWallet.fromPhrase(MNEMONIC, "", `m/44'/60'/0'/0/${index}`);
}

async function deploy(connection: Awaited<ReturnType<typeof network.create>>): Promise<Deployment> {
  const root = simulatedRootPoint(ROOT_KEY);
  const parameters = {
    Assay: {
      simulatedRootX: `0x${root.x.toString(16).padStart(64, "0")}`,
      simulatedRootY: `0x${root.y.toString(16).padStart(64, "0")}`,
    },
  };
  const contracts = await connection.ignition.deploy(Assay, { parameters, deploymentId: `sdk-test-${process.pid}-${Date.now()}` });
  return {
    chainId: 31337,
    modelRegistry: await contracts.modelRegistry.getAddress(),
    workerRegistry: await contracts.workerRegistry.getAddress(),
    market: await contracts.market.getAddress(),
    enclaveRegistry: await contracts.enclaveRegistry.getAddress(),
    groth16Verifier: await contracts.groth16Verifier.getAddress(),
    teeVerifier: await contracts.teeVerifier.getAddress(),
    fromBlock: 0,
  };
}

async function prepareDoubling(store: LocalStore, uri: string) {
  const { key, prove } = await doubling();
  const [model, graph, zkey] = ["model", "graph", "proving key"].map((name) => toBytes(`the doubling ${name}`));
  if (!model || !graph || !zkey) throw new Error("a file is missing");
  const referenceTo = (bytes: Uint8Array): FileReference => ({ cid: contentId(bytes), bytes: bytes.length });
  const byte = { kind: "uint", bits: 8, decimals: 0, shape: [1] } as const;
  const manifest = encodeManifest({
    assay: 1,
    name: "doubling",
    model: referenceTo(model),
    inputs: [{ name: "x", ...byte, shape: [1] }],
    outputs: [{ name: "y", ...byte, shape: [1] }],
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
  const sample = { binding: 1n, input: Uint8Array.of(3), output: Uint8Array.of(6), proof: await prove(1n, 3) };
  return {
    store,
    uri,
    manifest,
    files: [model, graph, zkey, key],
    levels: ["Vanilla", "Tee", "Zkml"] as const,
    verificationKey: key,
    sample,
    royalty: ROYALTY,
    workUnits: WORK_UNITS,
  };
}

async function enrol(admin: Client, enclave: HDNodeWallet, worker: string): Promise<void> {
  await write(admin, { contract: "enclaveRegistry", functionName: "acceptMeasurement", args: [MEASUREMENT, true] });
  const quotes = simulatedQuoteProvider({ rootKey: ROOT_KEY, measurement: MEASUREMENT });
  const args = [enclave.address, worker] as const;
  const high = getBytes(await read(admin, { contract: "enclaveRegistry", functionName: "reportData", args }));
  const reportData = new Uint8Array(64);
  reportData.set(high);
  const block = await admin.provider.getBlock("latest");
  const quote = await quotes.quote(reportData, block?.timestamp ?? 0);
  await enrollEnclave(admin, { verifierId: quotes.verifierId, enclaveKey: enclave.address, worker, quote });
}

function toBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
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
