import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  type HDNodeWallet,
  HDNodeWallet as Wallets,
  hexlify,
  keccak256,
  Mnemonic,
  parseEther,
  toBeHex,
  toUtf8Bytes,
} from "ethers";

import { digestOf } from "../../../circuits/format/content-id.ts";
import { visibilityOf } from "../../../circuits/format/manifest.ts";
import { chainInputs, chainOutputs } from "../../../circuits/format/visibility.ts";
import { simulatedQuoteProvider } from "../../../workers/daemon/index.ts";
import type { Hex } from "../../../workers/daemon/facts.ts";
import { write } from "../../../workers/sdk/access.ts";
import { registerWorker } from "../../../workers/sdk/actions/register-worker.ts";
import { serve } from "../../../workers/sdk/actions/serve.ts";
import { type Client, createClient, openProvider } from "../../../workers/sdk/client.ts";
import { decodeModelLogs } from "../../../workers/sdk/facts.ts";
import { findFact } from "../../../workers/sdk/find-fact.ts";
import { type Level, levelSet } from "../../../workers/sdk/level.ts";
import { toChainTensorSpec } from "../../../workers/sdk/version.ts";
import { LocalStore } from "../../../workers/store/local-store.ts";
import { measurement } from "../../../workers/tee/development/image.ts";
import { type LocalDeployment, startLocalDeployment } from "../../local-deployment.ts";
import type { NodeKind } from "../../nodes.ts";
import { tinyClassifier, tinyRegressor, type TinyVersion } from "./tiny-model.ts";

export const ENCLAVE = {
  rootSecret: hexOf(keccak256(toUtf8Bytes("development root of the worker's tests"))),
  image: "the worker's simulated enclave",
};
export const MEASUREMENT = measurement(ENCLAVE.image);
const MNEMONIC = Mnemonic.fromPhrase("test test test test test test test test test test test junk");

/** A real chain behind HTTP with a deployment, two published versions and funded accounts. Blocks come with transactions only. */
export async function startMarketChain(kind: NodeKind = "hardhat") {
  return openMarketChain(await startLocalDeployment(ENCLAVE.rootSecret, undefined, kind));
}

/** The same on a chain that has the contracts. */
export async function openMarketChain(chain: LocalDeployment) {
  const { url, port, deployment } = chain;
  const directory = mkdtempSync(join(tmpdir(), "assay-chain-"));
  const store = new LocalStore(join(directory, "store"));
  const provider = openProvider(url, deployment, { pollingInterval: 50 });

  const wallet = (index: number): HDNodeWallet =>
    Wallets.fromMnemonic(MNEMONIC, `m/44'/60'/0'/0/${index}`).connect(provider);
  const clientOf = (index: number): Promise<Client> => createClient({ provider, signer: wallet(index), deployment });
  const admin = await clientOf(0);

  const classifier = await tinyClassifier();
  const regressor = tinyRegressor();
  const classifierId = await publish(admin, store, classifier, ["Vanilla", "Tee", "Zkml"]);
  const regressorId = await publish(admin, store, regressor, ["Vanilla", "Tee"]);
  await write(admin, { contract: "enclaveRegistry", functionName: "acceptMeasurement", args: [MEASUREMENT, true] });

  return {
    url,
    port,
    deployment,
    directory,
    store,
    provider,
    wallet,
    clientOf,
    classifier,
    classifierId,
    regressor,
    regressorId,
    quoteProvider: simulatedQuoteProvider(ENCLAVE),
    publish: (version: TinyVersion, levels: readonly Level[]) => publish(admin, store, version, levels),
    /** Registers the key of an account as a worker that serves a version. */
    async enlist(index: number, versionId: string, levels: readonly Level[], price = 1n): Promise<bigint> {
      const client = await clientOf(index);
      const key = wallet(index).address;
      const { workerId } = await registerWorker(client, { key, price, stake: parseEther("1") });
      await serve(client, { workerId, versionId, levels });
      return workerId;
    },
    async passTime(seconds: number): Promise<void> {
      await provider.send("evm_increaseTime", [seconds]);
      await provider.send("evm_mine", []);
    },
    async close(): Promise<void> {
      provider.destroy();
      await chain.close();
      rmSync(directory, { recursive: true });
    },
  };
}
export type MarketChain = Awaited<ReturnType<typeof startMarketChain>>;

/** Stores the files and adds the version to a new model of the client's account. */
async function publish(
  client: Client,
  store: LocalStore,
  version: TinyVersion,
  levels: readonly Level[],
): Promise<string> {
  const { manifest, manifestBytes, files, verificationKey, sample } = version;
  for (const bytes of [...files, manifestBytes]) await store.put(bytes);
  const named = await write(client, {
    contract: "modelRegistry",
    functionName: "registerModel",
    args: [manifest.name],
  });
  const { modelId } = findFact(named, client.deployment.modelRegistry, decodeModelLogs, "ModelRegistered");
  const spec = {
    artifactDigest: hexlify(digestOf(files[0] ?? new Uint8Array())),
    manifestDigest: hexlify(digestOf(manifestBytes)),
    uri: "ipfs://",
    inputs: chainInputs(visibilityOf(manifest), manifest.inputs).map(toChainTensorSpec),
    outputs: chainOutputs(visibilityOf(manifest), manifest.outputs).map(toChainTensorSpec),
    levels: levelSet(levels),
    verificationKeyHash: sample === null ? toBeHex(0, 32) : keccak256(verificationKey),
    measurements: [],
    royalty: 0n,
    workUnits: 10n,
    devKeys: sample !== null,
  };
  const proof = {
    binding: sample?.binding ?? 0n,
    input: hexlify(sample?.input ?? "0x"),
    output: hexlify(sample?.output ?? "0x"),
    proof: hexlify(sample?.proof ?? "0x"),
  };
  const added = await write(client, {
    contract: "modelRegistry",
    functionName: "addVersion",
    args: [modelId, spec, hexlify(verificationKey), proof],
  });
  return findFact(added, client.deployment.modelRegistry, decodeModelLogs, "VersionAdded").versionId;
}

function hexOf(text: string): Hex {
  return `0x${text.slice(2)}`;
}
