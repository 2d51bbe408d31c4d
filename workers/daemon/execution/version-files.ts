import { getBytes, hexlify, keccak256 } from "ethers";
import type { Logger } from "pino";

import { contentIdOfDigest } from "../../../circuits/format/content-id.ts";
import { decodeManifest, type FileReference, type Manifest, visibilityOf } from "../../../circuits/format/manifest.ts";
import { hidesWeights } from "../../../circuits/format/visibility.ts";
import type { ArtifactSource } from "../../sdk/store/artifact-store.ts";
import { sourcesFor } from "../../sdk/store/sources-for.ts";
import type { VersionSpec } from "../../sdk/version.ts";
import type { ArtifactCache } from "../../store/artifact-cache.ts";
import { WorkerError } from "../worker-error.ts";
import { fetchArtifact } from "./fetch-artifact.ts";

/** A file on this machine's disk. It was verified when it came; whoever reads it verifies it again. */
export interface FileOnDisk {
  readonly cid: string;
  readonly path: string;
}

/** What of a version names its files. */
export interface FileFacts {
  readonly versionId: string;
  readonly spec: Pick<VersionSpec, "artifactDigest" | "manifestDigest" | "verificationKeyHash" | "uri">;
}

/**
 * Files of versions. All throw `ARTIFACT_UNAVAILABLE` (retryable) for what no store delivers, and `VERSION_INCONSISTENT`
 * for a file of another size than its manifest says.
 */
export interface VersionFiles {
  /** The manifest that the version's facts name. Throws `VERSION_INCONSISTENT` if it describes another artifact. */
  manifest(version: FileFacts): Promise<Manifest>;
  file(version: FileFacts, reference: FileReference): Promise<Uint8Array>;
  /** The same file for a program that takes paths. */
  onDisk(version: FileFacts, reference: FileReference): Promise<FileOnDisk>;
  /**
   * A file that gives the weights away. Throws `ARTIFACT_PRIVATE` if the version hides its weights and no store of this
   * worker has it.
   */
  weights(version: FileFacts, manifest: Manifest, reference: FileReference): Promise<FileOnDisk>;
  /** The version's verification key, checked against the hash on chain. */
  verificationKey(version: FileFacts, reference: FileReference): Promise<Uint8Array>;
  /** Throws `VERSION_TOO_LARGE` if these files do not fit on the disk together. */
  requireRoom(version: FileFacts, references: readonly FileReference[]): void;
  /** A file that turned out to be damaged, to be fetched anew. */
  forget(file: FileOnDisk): Promise<void>;
}

export interface VersionFilesOptions {
  readonly cache: ArtifactCache;
  /** Asked in this order, but see `sourcesFor`. */
  readonly stores: readonly ArtifactSource[];
  /** Ask the address that the version itself names, after the stores. */
  readonly useVersionUri: boolean;
  /** Milliseconds that a store gets before the next one is asked as well. */
  readonly storePause: number;
  readonly logger: Logger;
}

/** The chain names a manifest by its digest alone, so its size is limited for all. */
const MANIFEST_BYTES = 2 ** 20;

/** Files of versions by content id: whoever delivers them, only the right bytes are taken. */
export function createVersionFiles(options: VersionFilesOptions): VersionFiles {
  const { cache, stores, useVersionUri, storePause, logger } = options;
  const underWay = new Map<string, Promise<Uint8Array>>();

  /** Several jobs that need the same file wait for one download. */
  const download = (version: FileFacts, cid: string, maxBytes: number, isPublic: boolean): Promise<Uint8Array> => {
    const { uri } = version.spec;
    const asksUri = isPublic && useVersionUri;
    // Other sources, another answer: a private file is not asked for where a public one would be.
    const key = `${cid} ${asksUri ? uri : ""} ${maxBytes}`;
    const found =
      underWay.get(key) ??
      fetchArtifact(
        asksUri ? sourcesFor(uri, stores) : stores,
        { cid, maxBytes },
        { pause: storePause, logger },
      ).finally(() => underWay.delete(key));
    underWay.set(key, found);
    return found;
  };

  const read = async (version: FileFacts, cid: string, maxBytes: number): Promise<Uint8Array> => {
    const here = await cache.read(cid);
    if (here !== null) return here;
    const bytes = await download(version, cid, maxBytes, true);
    await cache.keep(cid, bytes);
    return bytes;
  };

  const file = async (version: FileFacts, { cid, bytes: size }: FileReference): Promise<Uint8Array> => {
    const bytes = await read(version, cid, size);
    requireSize(version, cid, size, bytes);
    return bytes;
  };

  const onDisk = async (version: FileFacts, { cid, bytes }: FileReference, isPublic = true): Promise<FileOnDisk> => {
    const here = await cache.find(cid);
    if (here !== null) return { cid, path: here };
    const fetched = await download(version, cid, bytes, isPublic);
    requireSize(version, cid, bytes, fetched);
    return { cid, path: await cache.keep(cid, fetched) };
  };

  return {
    async manifest(version) {
      const cid = contentIdOfDigest(getBytes(version.spec.manifestDigest));
      const manifest = decodeManifest(await read(version, cid, MANIFEST_BYTES));
      const artifact = contentIdOfDigest(getBytes(version.spec.artifactDigest));
      if (manifest.model.cid !== artifact)
        throw new WorkerError(
          "VERSION_INCONSISTENT",
          `the manifest of ${version.versionId} describes artifact ${manifest.model.cid}, its facts name ${artifact}`,
        );
      return manifest;
    },
    file,
    onDisk: (version, reference) => onDisk(version, reference),
    async weights(version, manifest, reference) {
      if (!hidesWeights(visibilityOf(manifest))) return onDisk(version, reference);
      const { cid } = reference;
      try {
        return await onDisk(version, reference, false);
      } catch (cause) {
        if (!(cause instanceof WorkerError) || cause.code !== "ARTIFACT_UNAVAILABLE") throw cause;
        throw new WorkerError(
          "ARTIFACT_PRIVATE",
          `the owner of version ${version.versionId} keeps its model and keys: no store of this worker has ${cid}`,
          { cause, details: { versionId: version.versionId, cid } },
        );
      }
    },
    async verificationKey(version, reference) {
      const bytes = await file(version, reference);
      const found = keccak256(hexlify(bytes));
      if (found !== version.spec.verificationKeyHash)
        throw new WorkerError("VERSION_INCONSISTENT", `the key of ${version.versionId} hashes to ${found}`, {
          details: { had: found, needed: version.spec.verificationKeyHash },
        });
      return bytes;
    },
    requireRoom(version, references) {
      const needed = references.reduce((sum, { bytes }) => sum + bytes, 0);
      if (needed > cache.maxBytes)
        throw new WorkerError(
          "VERSION_TOO_LARGE",
          `the files of version ${version.versionId} have ${needed} bytes, the cache holds ${cache.maxBytes}: raise cacheBytes`,
          { details: { needed, had: cache.maxBytes } },
        );
    },
    forget: ({ cid }) => cache.remove(cid),
  };
}

/** The content id vouches for the bytes, not for what the manifest says of them. */
function requireSize({ versionId }: FileFacts, cid: string, needed: number, { length }: Uint8Array): void {
  if (length !== needed)
    throw new WorkerError(
      "VERSION_INCONSISTENT",
      `the manifest of ${versionId} says that ${cid} has ${needed} bytes, it has ${length}`,
      { details: { cid, had: length, needed } },
    );
}
