import type { ArtifactSource, GetOptions } from "../../sdk/store/artifact-store.ts";
import { StoreError } from "../store-error.ts";
import type { ArtifactKey } from "./artifact-key.ts";
import { openFile, SEAL_BYTES } from "./envelope.ts";
import { contentKeyOf, decodeGrant, type Grant } from "./grant.ts";

export interface SealedSourceOptions {
  /** Content id of the grant. */
  readonly grant: string;
  readonly key: ArtifactKey;
  /** Where grant and sealed files are. */
  readonly source: ArtifactSource;
}

/** Files that were sealed to a key, named by the content ids that they have once opened. */
export class SealedSource implements ArtifactSource {
  readonly #grant: string;
  readonly #key: ArtifactKey;
  readonly #source: ArtifactSource;
  #opened: { readonly grant: Grant; readonly contentKey: Uint8Array } | undefined;

  constructor({ grant, key, source }: SealedSourceOptions) {
    this.#grant = grant;
    this.#key = key;
    this.#source = source;
  }

  /** Throws `ARTIFACT_MISSING`, `GRANT_OF_OTHERS`, `GRANT_INVALID`, `SEAL_BROKEN`, and what the source throws. */
  async get(cid: string, { maxBytes, signal }: GetOptions = {}): Promise<Uint8Array> {
    this.#opened ??= await this.#open();
    const { grant, contentKey } = this.#opened;
    const file = grant.files.find((granted) => granted.cid === cid);
    if (file === undefined)
      throw new StoreError("ARTIFACT_MISSING", `${cid} is not in the grant ${this.#grant}`, { details: { cid } });
    const bounds = {
      ...(maxBytes !== undefined && { maxBytes: maxBytes + SEAL_BYTES }),
      ...(signal !== undefined && { signal }),
    };
    return openFile(contentKey, cid, await this.#source.get(file.sealed, bounds));
  }

  async #open(): Promise<{ grant: Grant; contentKey: Uint8Array }> {
    const grant = decodeGrant(await this.#source.get(this.#grant));
    return { grant, contentKey: contentKeyOf(grant, this.#key) };
  }
}
