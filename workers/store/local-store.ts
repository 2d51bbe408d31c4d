import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import { digestOfContentId } from "../../circuits/format/content-id.ts";
import type { ArtifactStore, GetOptions } from "../sdk/store/artifact-store.ts";
import { hashContent, verifyContent } from "./hash-content.ts";
import { keepFile, type KeepOptions } from "./keep-file.ts";
import { StoreError } from "./store-error.ts";

/**
 * Artifacts as files of a directory, each named by its content id. A file appears whole or not at all, and is verified
 * whenever it is read, so that a damaged disk cannot pass for the artifact.
 *
 * @example
 * const cid = await new LocalStore(".assay/artifacts").put(bytes);
 */
export class LocalStore implements ArtifactStore {
  readonly #directory: string;
  readonly #options: KeepOptions;

  constructor(directory: string, options: KeepOptions = {}) {
    this.#directory = directory;
    this.#options = options;
  }

  /** Throws `CONTENT_ID`, `CONTENT_MISMATCH`, `ARTIFACT_TOO_LARGE`, `ARTIFACT_MISSING`. */
  async get(cid: string, { maxBytes = Infinity }: GetOptions = {}): Promise<Uint8Array> {
    const path = this.#pathOf(cid);
    const size = await sizeOf(path);
    if (size !== undefined && size > maxBytes)
      throw new StoreError("ARTIFACT_TOO_LARGE", `${cid} has ${size} bytes instead of at most ${maxBytes}`, {
        details: { cid, size, maxBytes },
      });
    const bytes = await this.#read(path, cid);
    verifyContent(cid, bytes);
    return bytes;
  }

  async put(bytes: Uint8Array): Promise<string> {
    const cid = hashContent(bytes);
    const path = this.#pathOf(cid);
    // A file of another length is a damaged one; the same length is checked by `get`.
    if ((await sizeOf(path)) !== bytes.length) await keepFile(path, bytes, this.#options);
    return cid;
  }

  // A content id has only letters and digits, so a checked one cannot leave the directory.
  #pathOf(cid: string): string {
    digestOfContentId(cid);
    return join(this.#directory, cid);
  }

  async #read(path: string, cid: string): Promise<Uint8Array> {
    try {
      return await readFile(path);
    } catch (cause) {
      if (!isMissing(cause)) throw cause;
      throw new StoreError("ARTIFACT_MISSING", `${cid} is not in ${this.#directory}`, { cause, details: { cid } });
    }
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
