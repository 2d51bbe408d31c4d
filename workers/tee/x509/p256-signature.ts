import { p256 } from "@noble/curves/nist.js";

import { hex } from "../bytes.ts";

/**
 * True if `signature` (r and s, 64 bytes) over a digest is by `point` (both coordinates, 64 bytes). Hardware and
 * certificate authorities do not keep s in the lower half of the order, so that both signatures are taken; nothing may be
 * identified by the bytes of a signature.
 */
export function isSignedBy(point: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  const key = new Uint8Array(65);
  key[0] = 0x04;
  key.set(point, 1);
  return p256.verify(signature, digest, key, { prehash: false, lowS: false, format: "compact" });
}

/** More certificates than this are not remembered. */
const MAX_KNOWN = 1024;

/** Signatures that were found good, for those that come again: each certificate of a platform with each of its quotes. */
export class KnownSignatures {
  readonly #known = new Set<string>();

  isSignedBy(point: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
    const name = hex(point) + hex(digest) + hex(signature);
    if (this.#known.has(name)) return true;
    const isSigned = isSignedBy(point, digest, signature);
    if (isSigned && this.#known.size < MAX_KNOWN) this.#known.add(name);
    return isSigned;
  }
}
