import { CID } from "multiformats/cid";

import { AssayError } from "../../../circuits/format/error.ts";
import { digestOfContentId } from "../../../circuits/format/content-id.ts";
import type { ArtifactSource, ArtifactStore, GetOptions } from "../../sdk/store/artifact-store.ts";
import { ipfsPathOf } from "../../sdk/store/ipfs-address.ts";
import { hashContent, verifyContent } from "../hash-content.ts";
import { boundsOf, readLimited, STORE_LIMITS, type StoreLimits } from "../read-limited.ts";
import { StoreError } from "../store-error.ts";
import type { IpfsNode } from "./ipfs-node.ts";

/**
 * Artifacts in IPFS. A content id is the CID of the whole file as one block, and blocks above 1 MiB do not travel, so files
 * are added as UnixFS too. Up to 1 MiB that gives the same CID; beyond that the store remembers which root belongs to
 * which content id. `publish` puts files in one UnixFS directory, each named by its content id: `ipfs://<directory>/<content
 * id>` can be read at any node or gateway. Whatever comes back is verified as a whole.
 *
 * @example
 * const store = await openStore("kubo+http://127.0.0.1:5001");
 */
export class IpfsStore implements ArtifactStore {
  readonly #node: IpfsNode;
  readonly #limits: Required<StoreLimits>;

  constructor(node: IpfsNode, limits: StoreLimits = {}) {
    this.#node = node;
    this.#limits = { ...STORE_LIMITS, ...limits };
  }

  /**
   * What this node has. It does not search the network for a content id alone, by which larger files cannot be found.
   * Throws `CONTENT_ID`, `CONTENT_MISMATCH`, `ARTIFACT_MISSING`, `ARTIFACT_TOO_LARGE`, `ARTIFACT_UNAVAILABLE`.
   */
  async get(cid: string, options: GetOptions = {}): Promise<Uint8Array> {
    digestOfContentId(cid);
    const root = await this.#reading(cid, () => this.#node.files.get(cid));
    return this.#read(cid, { path: root?.toString() ?? cid, offline: true }, options);
  }

  /** What any node has that this one reaches, as far as it is below the address. */
  below(uri: string): ArtifactSource | undefined {
    const path = ipfsPathOf(uri);
    if (path === undefined) return undefined;
    return {
      get: async (cid, options = {}) => {
        digestOfContentId(cid);
        return this.#read(cid, { path: `${path}/${cid}`, offline: false }, options);
      },
    };
  }

  async put(bytes: Uint8Array): Promise<string> {
    const cid = hashContent(bytes);
    await this.#writing(async () => this.#node.files.set(cid, await this.#node.addFile(bytes)));
    return cid;
  }

  async publish(files: readonly Uint8Array[]): Promise<string> {
    const byName = new Map(files.map((bytes) => [hashContent(bytes), bytes]));
    return this.#writing(async () => {
      const added = await this.#node.addDirectory(byName);
      // The directory first: as long as it is remembered, none of its files can be collected.
      await this.#node.directories.set(added.directory.toString(), added.directory);
      for (const [cid, root] of added.files) await this.#node.files.set(cid, root);
      return `ipfs://${added.directory.toString()}`;
    });
  }

  /** Addresses that `publish` gave, as long as they are pinned. */
  async pins(): Promise<readonly string[]> {
    const names = await this.#writing(() => this.#node.directories.names());
    return names.map((name) => `ipfs://${name}`);
  }

  /**
   * Gives an address up, and those of its files that no other pinned address has. What others fetched before, they keep.
   * Throws `PIN_UNKNOWN`.
   */
  async unpin(address: string): Promise<void> {
    const name = ipfsPathOf(address) ?? "";
    const { directories, files } = this.#node;
    await this.#writing(async () => {
      const directory = await directories.get(name);
      if (directory === undefined)
        throw new StoreError("PIN_UNKNOWN", `${address} is not pinned at ${this.#node.name}`, { details: { address } });
      const given = await this.#node.list(directory);
      await directories.delete(name);
      const others = await Promise.all((await directories.names()).map((other) => this.#node.list(CID.parse(other))));
      const still = new Set(others.flat());
      const released: CID[] = [directory];
      for (const cid of given.filter((file) => !still.has(file))) {
        const root = await files.get(cid);
        if (root !== undefined) released.push(root);
        await files.delete(cid);
      }
      await this.#node.release(released);
    });
  }

  async #read(
    cid: string,
    { path, offline }: { readonly path: string; readonly offline: boolean },
    options: GetOptions,
  ): Promise<Uint8Array> {
    const { maxBytes, signal } = boundsOf(this.#limits, options);
    const bytes = await this.#reading(cid, () =>
      readLimited(this.#node.read(path, { signal, offline }), maxBytes, cid),
    );
    verifyContent(cid, bytes);
    return bytes;
  }

  async #reading<T>(cid: string, body: () => Promise<T>): Promise<T> {
    try {
      return await body();
    } catch (cause) {
      if (cause instanceof AssayError) throw cause;
      throw new StoreError("ARTIFACT_UNAVAILABLE", `${this.#node.name} does not deliver ${cid}: ${reasonOf(cause)}`, {
        retryable: true,
        cause,
        details: { cid },
      });
    }
  }

  async #writing<T>(body: () => Promise<T>): Promise<T> {
    try {
      return await body();
    } catch (cause) {
      if (cause instanceof AssayError) throw cause;
      throw new StoreError("STORE_UNAVAILABLE", `${this.#node.name} cannot be used: ${reasonOf(cause)}`, {
        retryable: true,
        cause,
      });
    }
  }
}

/** What `fetch` says itself is no more than that it failed. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
