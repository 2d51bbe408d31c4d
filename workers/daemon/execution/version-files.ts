import { getBytes, hexlify, keccak256 } from "ethers";
import type { Logger } from "pino";

import { contentId, contentIdOfDigest } from "../../../circuits/format/content-id.ts";
import { decodeManifest, type FileReference, type Manifest, visibilityOf } from "../../../circuits/format/manifest.ts";
import { hidesWeights } from "../../../circuits/format/visibility.ts";
import type { ArtifactSource, ArtifactStore } from "../../sdk/store/artifact-store.ts";
import { sourcesBelow } from "../../sdk/store/sources-below.ts";
import type { Version } from "../../sdk/version.ts";
import { WorkerError } from "../worker-error.ts";

export interface VersionFiles {
  /** The manifest that the version's facts name. Throws `VERSION_INCONSISTENT` if it describes another artifact. */
  manifest(version: Version): Promise<Manifest>;
  file(version: Version, reference: FileReference): Promise<Uint8Array>;
  /**
   * A file that gives the weights away. Throws `ARTIFACT_PRIVATE` if the version hides its weights and no store of this
   * worker has it.
   */
  weights(version: Version, manifest: Manifest, reference: FileReference): Promise<Uint8Array>;
  /** The version's verification key, checked against the hash on chain. */
  verificationKey(version: Version, reference: FileReference): Promise<Uint8Array>;
}

export interface VersionFilesOptions {
  /** Files that were fetched once; every read verifies them again. */
  readonly cache: ArtifactStore;
  /** Asked in this order. */
  readonly stores: readonly ArtifactSource[];
  /** Ask the address that the version itself names, after the stores. */
  readonly useVersionUri: boolean;
  readonly logger: Logger;
}

/** Files of versions by content id: whoever delivers them, only the right bytes are taken. */
export function createVersionFiles({ cache, stores, useVersionUri, logger }: VersionFilesOptions): VersionFiles {
  const fetchOnce = async (version: Version, cid: string, isPublic = true): Promise<Uint8Array> => {
    const own = isPublic && useVersionUri ? sourcesBelow(version.spec.uri, stores) : [];
    const problems: string[] = [];
    for (const source of [cache, ...stores, ...own]) {
      try {
        const bytes = await source.get(cid);
        if (contentId(bytes) !== cid) throw new Error(`the bytes are ${contentId(bytes)}`);
        if (source !== cache) await cache.put(bytes);
        return bytes;
      } catch (error) {
        if (source === cache) continue;
        const problem = error instanceof Error ? error.message : String(error);
        problems.push(problem);
        logger.debug({ cid, problem }, "a store did not deliver a file");
      }
    }
    throw new WorkerError(
      "ARTIFACT_UNAVAILABLE",
      `no store delivers ${cid}: ${problems.join("; ") || "none is configured"}`,
      {
        retryable: true,
        details: { cid, problems },
      },
    );
  };

  return {
    async manifest(version) {
      const cid = contentIdOfDigest(getBytes(version.spec.manifestDigest));
      const manifest = decodeManifest(await fetchOnce(version, cid));
      const artifact = contentIdOfDigest(getBytes(version.spec.artifactDigest));
      if (manifest.model.cid !== artifact)
        throw new WorkerError(
          "VERSION_INCONSISTENT",
          `the manifest of ${version.versionId} describes artifact ${manifest.model.cid}, its facts name ${artifact}`,
        );
      return manifest;
    },
    file: (version, { cid }) => fetchOnce(version, cid),
    async weights(version, manifest, { cid }) {
      if (!hidesWeights(visibilityOf(manifest))) return fetchOnce(version, cid);
      try {
        return await fetchOnce(version, cid, false);
      } catch (cause) {
        throw new WorkerError(
          "ARTIFACT_PRIVATE",
          `the owner of version ${version.versionId} keeps its model and keys: no store of this worker has ${cid}`,
          { cause, details: { versionId: version.versionId, cid } },
        );
      }
    },
    async verificationKey(version, { cid }) {
      const bytes = await fetchOnce(version, cid);
      const found = keccak256(hexlify(bytes));
      if (found !== version.spec.verificationKeyHash)
        throw new WorkerError("VERSION_INCONSISTENT", `the key of ${version.versionId} hashes to ${found}`, {
          details: { had: found, needed: version.spec.verificationKeyHash },
        });
      return bytes;
    },
  };
}
