import type { ArtifactSource, GetOptions } from "../../sdk/store/artifact-store.ts";
import { sourcesFor } from "../../sdk/store/sources-for.ts";
import { firstOf } from "../first-of.ts";
import { StoreError } from "../store-error.ts";
import type { ArtifactKey } from "./artifact-key.ts";
import { openFile, SEAL_BYTES } from "./envelope.ts";
import { contentKeyOf, decodeGrant, type Grant } from "./grant.ts";
import { parseGrantAddress } from "./grant-address.ts";

export interface SealedSourceOptions {
  /** Content id of the grant, or its address. */
  readonly grant: string;
  readonly key: ArtifactKey;
  /** Where grant and sealed files are looked for, besides the addresses in grant and grant's address. */
  readonly sources: readonly ArtifactSource[];
}

interface Opened {
  readonly grant: Grant;
  readonly contentKey: Uint8Array;
  readonly source: ArtifactSource;
}

/** Files that were sealed to a key, named by the content ids that they have once opened. */
export class SealedSource implements ArtifactSource {
  readonly #address: string;
  readonly #key: ArtifactKey;
  readonly #sources: readonly ArtifactSource[];
  #opened: Opened | undefined;

  constructor({ grant, key, sources }: SealedSourceOptions) {
    this.#address = grant;
    this.#key = key;
    this.#sources = sources;
  }

  /** Throws `ARTIFACT_MISSING`, `GRANT_OF_OTHERS`, `GRANT_INVALID`, `SEAL_BROKEN`, and what the sources throw. */
  async get(cid: string, { maxBytes, signal }: GetOptions = {}): Promise<Uint8Array> {
    this.#opened ??= await this.#open();
    const { grant, contentKey, source } = this.#opened;
    const file = grant.files.find((granted) => granted.cid === cid);
    if (file === undefined)
      throw new StoreError("ARTIFACT_MISSING", `${cid} is not in the grant ${this.#address}`, { details: { cid } });
    const bounds = {
      ...(maxBytes !== undefined && { maxBytes: maxBytes + SEAL_BYTES }),
      ...(signal !== undefined && { signal }),
    };
    return openFile(contentKey, cid, await source.get(file.sealed, bounds));
  }

  async #open(): Promise<Opened> {
    const { grant: cid, base } = parseGrantAddress(this.#address);
    const grant = decodeGrant(await this.#from(base).get(cid, { maxBytes: MAX_GRANT }));
    return { grant, contentKey: contentKeyOf(grant, this.#key), source: this.#from(grant.at ?? base) };
  }

  #from(uri: string | undefined): ArtifactSource {
    return firstOf(uri === undefined ? this.#sources : sourcesFor(uri, this.#sources));
  }
}

/** More than a grant for ten thousand workers needs. */
const MAX_GRANT = 8 * 2 ** 20;
