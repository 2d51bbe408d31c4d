import { createHash } from "node:crypto";

import { ContentError, contentIdOfDigest } from "../../circuits/format/content-id.ts";

/** The content id of bytes, by the machine's own SHA-256: for files so large that `contentId` would hold up everything. */
export function hashContent(bytes: Uint8Array): string {
  return contentIdOfDigest(createHash("sha256").update(bytes).digest());
}

/** `assertContent` by the same means. Throws `CONTENT_MISMATCH`. */
export function verifyContent(cid: string, bytes: Uint8Array): void {
  const actual = hashContent(bytes);
  if (actual !== cid)
    throw new ContentError("CONTENT_MISMATCH", `expected ${cid}, but the bytes are ${actual}`, {
      details: { expected: cid, actual, bytes: bytes.length },
    });
}
