import { createHash } from "node:crypto";

import { contentIdOfDigest } from "../../circuits/format/content-id.ts";

/** The content id of bytes, by the machine's own SHA-256: for files so large that `contentId` would hold up everything. */
export function hashContent(bytes: Uint8Array): string {
  return contentIdOfDigest(createHash("sha256").update(bytes).digest());
}
