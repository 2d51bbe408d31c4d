import { sha256 } from "@noble/hashes/sha2.js";
import { CID } from "multiformats/cid";
import * as raw from "multiformats/codecs/raw";
import { create as multihash } from "multiformats/hashes/digest";

import { AssayError } from "./error.ts";

const SHA2_256 = 0x12;

export class ContentError extends AssayError {
  declare readonly code: "CONTENT_ID" | "CONTENT_MISMATCH";
}

/** SHA-256 of the bytes: what a version stores on chain and what its content id wraps. */
export function digestOf(bytes: Uint8Array): Uint8Array {
  return sha256(bytes);
}

/** CIDv1, raw codec, SHA-256, base32: the name of every artifact. */
export function contentId(bytes: Uint8Array): string {
  return contentIdOfDigest(digestOf(bytes));
}

export function contentIdOfDigest(digest: Uint8Array): string {
  return CID.createV1(raw.code, multihash(SHA2_256, digest)).toString();
}

/** Throws `CONTENT_ID` if the text is not a raw SHA-256 CIDv1. */
export function digestOfContentId(cid: string): Uint8Array {
  try {
    const parsed = CID.parse(cid);
    if (parsed.version === 1 && parsed.code === raw.code && parsed.multihash.code === SHA2_256)
      return parsed.multihash.digest;
  } catch (cause) {
    throw new ContentError("CONTENT_ID", `${cid} is not a content id`, { cause });
  }
  throw new ContentError("CONTENT_ID", `${cid} is not a CIDv1 with raw codec and SHA-256`);
}

/** Throws `CONTENT_MISMATCH` unless the bytes are the ones the content id names. */
export function assertContent(cid: string, bytes: Uint8Array): void {
  digestOfContentId(cid);
  const actual = contentId(bytes);
  if (actual !== cid)
    throw new ContentError("CONTENT_MISMATCH", `expected ${cid}, but the bytes are ${actual}`, {
      details: { expected: cid, actual, bytes: bytes.length },
    });
}
