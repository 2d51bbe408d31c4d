import { getBytes } from "ethers";

import { contentId } from "../../../circuits/format/content-id.ts";
import { encodeManifest, type FileReference, type Manifest, visibilityOf } from "../../../circuits/format/manifest.ts";
import { hidesWeights } from "../../../circuits/format/visibility.ts";
import type { Client } from "../../sdk/client.ts";
import type { Deployment } from "../../sdk/deployment.ts";
import { bindingOf } from "../../sdk/job.ts";
import type { Level } from "../../sdk/level.ts";
import type { Version } from "../../sdk/version.ts";
import type { Endpoint } from "../chain/endpoint.ts";
import type { Enclave } from "../enclave/enclave.ts";
import type { LoadedVersion } from "../execution/loaded-version.ts";
import type { VersionCache } from "../execution/version-cache.ts";
import type { VersionFiles } from "../execution/version-files.ts";
import type { Hex } from "../facts.ts";
import type { PrivateInputs } from "../inputs/private-inputs.ts";
import { WorkerError } from "../worker-error.ts";
import type { OwnSends } from "./own-sends.ts";

/** A computation off the market. */
export interface Computation {
  readonly versionId: string;
  /** Packed. */
  readonly input: Uint8Array;
}

/**
 * What a worker can do beside its jobs, with the same versions, prover, enclave and key: run a version, make evidence, and
 * send transactions of its own. None of it takes a job, binds stake or is in the journal, but for the transactions.
 */
export interface OffMarket {
  readonly workerId: number;
  readonly workerKey: Hex;
  readonly deployment: Deployment;
  /** Whether it can make evidence at Tee, once the enclave is enrolled. */
  readonly hasEnclave: boolean;
  /** What commitments in inputs and outputs stand for. */
  readonly inputs: PrivateInputs;
  /** The immutable facts of a version. */
  version(versionId: string): Promise<Version>;
  manifest(versionId: string): Promise<Manifest>;
  /** A file of a version, or its manifest. Throws `ARTIFACT_PRIVATE` for one that gives hidden weights away. */
  publicFile(versionId: string, cid: string): Promise<Uint8Array>;
  run(computation: Computation): Promise<{ readonly output: Uint8Array; readonly executor: LoadedVersion["executor"] }>;
  /** Evidence for that output, bound to a digest. Throws `ENCLAVE_MISSING`, and as `LoadedVersion.prove` does. */
  evidence(
    computation: Computation & { readonly level: Exclude<Level, "Vanilla">; readonly output: Uint8Array },
    digest: string,
  ): Promise<Uint8Array>;
  /** Chain time in seconds, as of the last look. */
  now(): number;
  /** Reads what decides about money: several nodes must answer the same, if there are several. */
  read<T>(what: string, call: (client: Client) => Promise<T>): Promise<T>;
  readonly send: OwnSends["send"];
}

export interface OffMarketOptions {
  readonly workerId: number;
  readonly workerKey: Hex;
  readonly client: Client;
  readonly endpoint: Endpoint;
  readonly versions: VersionCache;
  readonly files: VersionFiles;
  readonly inputs: PrivateInputs;
  /** Null if this worker has none. */
  readonly enclave: Enclave | null;
  readonly sends: OwnSends;
  /** Chain time in seconds. */
  readonly now: () => number;
}

export function createOffMarket(options: OffMarketOptions): OffMarket {
  const { workerId, workerKey, client, endpoint, versions, files, inputs, enclave, sends, now } = options;
  const manifest = async (versionId: string): Promise<Manifest> => files.manifest(await versions.facts(versionId));
  return {
    workerId,
    workerKey,
    deployment: client.deployment,
    hasEnclave: enclave !== null,
    inputs,
    version: (versionId) => versions.facts(versionId),
    manifest,
    async publicFile(versionId, cid) {
      const known = await manifest(versionId);
      const asBytes = encodeManifest(known);
      if (contentId(asBytes) === cid) return asBytes;
      const reference = publicFilesOf(known).find((file) => file.cid === cid);
      if (reference === undefined)
        throw new WorkerError("ARTIFACT_PRIVATE", `${cid} is no file of version ${versionId} that everybody may have`, {
          details: { versionId, cid },
        });
      return files.file(await versions.facts(versionId), reference);
    },
    run: ({ versionId, input }) =>
      versions.use(versionId, async (loaded) => ({ output: await loaded.run(input), executor: loaded.executor })),
    async evidence({ versionId, level, input, output }, digest) {
      if (level === "Zkml") return versions.use(versionId, (loaded) => loaded.prove(input, output, bindingOf(digest)));
      if (enclave === null) throw new WorkerError("ENCLAVE_MISSING", "this worker has no enclave: set `enclave`");
      return getBytes(enclave.sign(digest, now()));
    },
    now,
    read: (what, call) => endpoint.agreed(what, (provider) => call({ ...client, provider })),
    send: (kind, call) => sends.send(kind, call),
  };
}

/** Files that give nothing away which the version hides: a proving key does, unless the weights are a witness. */
function publicFilesOf(manifest: Manifest): readonly FileReference[] {
  const { model, circuit, adapters } = manifest;
  const visibility = visibilityOf(manifest);
  const hidden = hidesWeights(visibility);
  const adaptersOf = [adapters.input, adapters.output].filter((file) => file !== null);
  const keys = circuit === null ? [] : [circuit.verificationKey];
  const zkey = circuit === null || (hidden && visibility.weights !== "committed") ? [] : [circuit.zkey];
  const weights = hidden ? [] : [model, ...(circuit === null ? [] : [circuit.graph])];
  return [...adaptersOf, ...keys, ...zkey, ...weights];
}
