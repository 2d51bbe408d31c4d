/** Where artifacts come from, named by their content id (CIDv1, raw, SHA-256). */
export interface ArtifactSource {
  /**
   * The bytes that the content id names, already verified. Throws `CONTENT_ID`, `CONTENT_MISMATCH`, and
   * `ARTIFACT_UNAVAILABLE` (retryable).
   */
  get(cid: string): Promise<Uint8Array>;
}

/** A source that also keeps. */
export interface ArtifactStore extends ArtifactSource {
  /** Keeps the bytes and returns their content id. Keeping the same bytes again changes nothing. */
  put(bytes: Uint8Array): Promise<string>;
}
