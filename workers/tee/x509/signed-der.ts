import { sha256 } from "@noble/hashes/sha2.js";

import { byteAt } from "../bytes.ts";
import { TeeError } from "../error.ts";
import { expect, finish, signaturePair, TAG, whole } from "./der.ts";

/** ecdsa-with-SHA256, without parameters. */
const ALGORITHM = [0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];

/** What certificates and revocation lists share. */
export interface SignedDer {
  /** The content of what is signed. */
  readonly from: number;
  readonly to: number;
  /** SHA-256 of what is signed. */
  readonly digest: Uint8Array;
  /** r and s, 64 bytes. */
  readonly signature: Uint8Array;
}

export function openSigned(der: Uint8Array): SignedDer {
  const { from: pos, to: end } = whole(der, TAG.sequence);
  const { from, to } = expect(der, pos, end, TAG.sequence);
  const bits = expect(der, skipAlgorithm(der, to, end), end, TAG.bitString);
  finish(bits.to, end);
  // The first byte of a bit string says how many bits of the last do not count.
  if (bits.from === bits.to || byteAt(der, bits.from) !== 0) throw new TeeError("DerLength", { pos: bits.from });
  const signature = signaturePair(der, bits.from + 1, bits.to);
  return { from, to, digest: sha256(der.subarray(pos, to)), signature };
}

/** Where the algorithm ends, which can only be one. */
export function skipAlgorithm(der: Uint8Array, pos: number, end: number): number {
  const { to } = expect(der, pos, end, TAG.sequence);
  const isKnown = to - pos === ALGORITHM.length && ALGORITHM.every((byte, i) => der[pos + i] === byte);
  if (!isKnown) throw new TeeError("SignatureAlgorithm", { pos });
  return to;
}
