export interface GetOptions {
  /** Whoever names an artifact knows its size: what is larger is not read to its end (`ARTIFACT_TOO_LARGE`). */
  readonly maxBytes?: number;
  /** Ends the reading, whose promise then rejects. */
  readonly signal?: AbortSignal;
}

/** Where artifacts come from, named by their content id (CIDv1, raw, SHA-256). */
export interface ArtifactSource {
  /**
   * The bytes that the content id names, already verified. Throws `CONTENT_ID`, `CONTENT_MISMATCH`, `ARTIFACT_TOO_LARGE`,
   * and `ARTIFACT_UNAVAILABLE` (retryable).
   */
  get(cid: string, options?: GetOptions): Promise<Uint8Array>;
  /**
   * The artifacts below an address that a version names, read by the same means: `ipfs://<directory>` by an IPFS node or
   * gateway. Undefined for an address that this source cannot read.
   */
  below?(uri: string): ArtifactSource | undefined;
}

/** A source that also keeps. */
export interface ArtifactStore extends ArtifactSource {
  /** Keeps the bytes and returns their content id. Keeping the same bytes again changes nothing. */
  put(bytes: Uint8Array): Promise<string>;
  /**
   * Keeps files together and pins them. Returns the address below which others find each by its content id: a version's
   * `uri`. Only of stores that name what they keep.
   */
  publish?(files: readonly Uint8Array[]): Promise<string>;
}
