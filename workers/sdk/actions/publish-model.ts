import { hexlify, keccak256, ZeroHash } from "ethers";

import { contentId, digestOf, digestOfContentId } from "../../../circuits/format/content-id.ts";
import { decodeManifest, type FileReference, type Manifest, visibilityOf } from "../../../circuits/format/manifest.ts";
import { chainInputs, chainOutputs } from "../../../circuits/format/visibility.ts";
import { write } from "../access.ts";
import type { Client } from "../client.ts";
import { SdkError } from "../errors.ts";
import { decodeModelLogs } from "../facts.ts";
import { findFact } from "../find-fact.ts";
import { type Level, levelSet } from "../level.ts";
import type { ArtifactStore } from "../store/artifact-store.ts";
import { toChainTensorSpec, type VersionSpec } from "../version.ts";

export interface PublishModelParameters {
  readonly store: ArtifactStore;
  /** Where workers find the files: a base to which a content id is appended. The store's own address for them when left out. */
  readonly uri?: string | undefined;
  /** Canonical JSON, as `encodeManifest` writes it. */
  readonly manifest: Uint8Array;
  /** The files that the manifest names. */
  readonly files: readonly Uint8Array[];
  /** Those of a version with hidden weights that only the owner's workers get, and the store where these find them. */
  readonly ownerFiles?: readonly Uint8Array[];
  readonly ownerStore?: ArtifactStore;
  readonly levels: readonly Level[];
  /** Adds a version to this model; a new one with the manifest's name is registered when left out. */
  readonly modelId?: bigint;
  /** Encoded key and a proof that it is alive: if and only if `levels` include Zkml. */
  readonly verificationKey?: Uint8Array;
  readonly sample?: PublishedSample;
  /** Enclave measurements that may answer; those that the deployment accepts when left out. */
  readonly measurements?: readonly string[];
  /** Wei for each job; 0 when left out. */
  readonly royalty?: bigint;
  /** What a worker's price is multiplied by; 1 when left out. */
  readonly workUnits?: bigint;
}

export interface PublishedSample {
  /** First public signal, below 2^248. */
  readonly binding: bigint;
  readonly input: Uint8Array;
  readonly output: Uint8Array;
  /** 256 bytes. */
  readonly proof: Uint8Array;
}

export interface PublishModelReturnType {
  readonly modelId: bigint;
  readonly versionId: string;
  readonly manifestCid: string;
  /** Where the files are. */
  readonly uri: string;
  /** Of `addVersion`. */
  readonly transactionHash: string;
  /** Of all transactions together. */
  readonly gasUsed: bigint;
}

const NOTHING = new Uint8Array();
const NO_SAMPLE: PublishedSample = { binding: 0n, input: NOTHING, output: NOTHING, proof: NOTHING };

/**
 * Puts a compiled model's files into a store, registers the model unless it is there already, and adds the version.
 * Throws `MANIFEST_INVALID`, `FILE_MISSING`, `PUBLICATION_INVALID` before anything is kept or sent; then what `send`
 * throws (`ProofInvalid`, `VersionExists`, `NotModelOwner`, ...).
 *
 * @example
 * const { versionId } = await publishModel(client, { store, uri, manifest, files, levels: ["Vanilla", "Zkml"],
 *   verificationKey, sample });
 */
export async function publishModel(
  client: Client,
  parameters: PublishModelParameters,
): Promise<PublishModelReturnType> {
  const manifest = decodeManifest(parameters.manifest);
  const { files, ownerFiles = [], ownerStore } = parameters;
  requireFiles(manifest, [...files, ...ownerFiles]);
  requireEvidence(manifest, parameters);
  requireSecrecy(manifest, files);
  if (ownerFiles.length > 0 && ownerStore === undefined)
    throw invalid("files of a version with hidden weights need a store of the owner's: give `ownerStore`");
  requireAddress(parameters);
  for (const file of ownerFiles) await ownerStore?.put(file);
  const uri = await keep(parameters.store, [...files, parameters.manifest], parameters.uri);

  const registered = parameters.modelId === undefined ? await register(client, manifest.name) : undefined;
  const modelId = parameters.modelId ?? registered?.modelId ?? 0n;
  const { sample = NO_SAMPLE, verificationKey = NOTHING } = parameters;
  const { binding, input, output, proof } = sample;
  const proven = { binding, input: hexlify(input), output: hexlify(output), proof: hexlify(proof) };
  const args = [modelId, specOf(manifest, { ...parameters, uri }), hexlify(verificationKey), proven] as const;
  const receipt = await write(client, { contract: "modelRegistry", functionName: "addVersion", args });
  const { versionId } = findFact(receipt, client.deployment.modelRegistry, decodeModelLogs, "VersionAdded");
  return {
    modelId,
    versionId,
    manifestCid: contentId(parameters.manifest),
    uri,
    transactionHash: receipt.hash,
    gasUsed: receipt.gasUsed + (registered?.gasUsed ?? 0n),
  };
}

/** Returns where the files are: at `uri`, or where the store says. */
async function keep(store: ArtifactStore, files: readonly Uint8Array[], uri?: string): Promise<string> {
  const own = await store.publish?.(files);
  if (own === undefined) for (const file of files) await store.put(file);
  return uri ?? own ?? "";
}

async function register(client: Client, name: string): Promise<{ modelId: bigint; gasUsed: bigint }> {
  const receipt = await write(client, { contract: "modelRegistry", functionName: "registerModel", args: [name] });
  const { modelId } = findFact(receipt, client.deployment.modelRegistry, decodeModelLogs, "ModelRegistered");
  return { modelId, gasUsed: receipt.gasUsed };
}

function specOf(manifest: Manifest, parameters: PublishModelParameters & { readonly uri: string }): VersionSpec {
  const { levels, measurements = [], royalty = 0n, uri, verificationKey, workUnits = 1n } = parameters;
  return {
    artifactDigest: hexlify(digestOfContentId(manifest.model.cid)),
    manifestDigest: hexlify(digestOf(parameters.manifest)),
    uri,
    inputs: chainInputs(visibilityOf(manifest), manifest.inputs).map(toChainTensorSpec),
    outputs: chainOutputs(visibilityOf(manifest), manifest.outputs).map(toChainTensorSpec),
    levels: levelSet(levels),
    verificationKeyHash: verificationKey === undefined ? ZeroHash : keccak256(verificationKey),
    measurements,
    royalty,
    workUnits,
    devKeys: verificationKey !== undefined && manifest.circuit?.keys === "dev",
  };
}

function requireFiles({ model, adapters, circuit }: Manifest, files: readonly Uint8Array[]): void {
  const given = new Set(files.map(contentId));
  const named: Record<string, FileReference | null | undefined> = {
    model,
    "input adapter": adapters.input,
    "output adapter": adapters.output,
    graph: circuit?.graph,
    "proving key": circuit?.zkey,
    "verification key": circuit?.verificationKey,
  };
  const missing = Object.entries(named).filter(([, file]) => file && !given.has(file.cid));
  if (missing.length === 0) return;
  const names = missing.map(([name, file]) => `${name} (${file?.cid ?? ""})`);
  throw new SdkError("FILE_MISSING", `the manifest names files that were not given: ${names.join(", ")}`, {
    details: { missing: names },
  });
}

function requireEvidence({ circuit }: Manifest, { levels, verificationKey, sample }: PublishModelParameters): void {
  const isZkml = levels.includes("Zkml");
  if (isZkml && circuit === null) throw invalid("Zkml needs a circuit, and the manifest has none");
  if (isZkml && (verificationKey === undefined || sample === undefined))
    throw invalid("Zkml needs the verification key and a sample proof");
  if (!isZkml && (verificationKey !== undefined || sample !== undefined))
    throw invalid("a verification key and a sample proof are only for versions that allow Zkml");
  if (verificationKey !== undefined && contentId(verificationKey) !== circuit?.verificationKey.cid)
    throw invalid("the verification key is not the one that the manifest names");
}

function requireAddress({ uri, store }: PublishModelParameters): void {
  if (uri === undefined && store.publish === undefined)
    throw invalid("this store has no address of its own at which others could read it: give `uri`");
}

/** Once in a public store, weights are out for good. */
function requireSecrecy(manifest: Manifest, files: readonly Uint8Array[]): void {
  const { weights } = visibilityOf(manifest);
  if (weights === "constant") return;
  const { model, circuit } = manifest;
  const owned = [model.cid, circuit?.graph.cid, ...(weights === "owner-held" ? [circuit?.zkey.cid] : [])];
  if (files.some((file) => owned.includes(contentId(file))))
    throw invalid(
      "model and graph of a version with hidden weights, and its key if it is owner-held, belong in `ownerFiles`",
    );
}

function invalid(problem: string): SdkError {
  return new SdkError("PUBLICATION_INVALID", problem);
}
