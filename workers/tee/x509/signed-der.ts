import { byteAt } from "../bytes.ts";
import { TeeError } from "../error.ts";
import { expect, finish, signaturePair, TAG, whole } from "./der.ts";

/** A curve and a hash: a maker of hardware signs all that it issues by one of these. */
export interface SignatureScheme {
  /** The AlgorithmIdentifier, without parameters. */
  readonly algorithm: readonly number[];
  /** The head of a SubjectPublicKeyInfo of an uncompressed point. */
  readonly keyHead: readonly number[];
  /** Of a coordinate, and of r and s. */
  readonly numberBytes: number;
}

/** Intel's: ECDSA on P-256 with SHA-256. */
export const P256_SHA256: SignatureScheme = {
  algorithm: [0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  keyHead: [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
  ],
  numberBytes: 32,
};

/** AWS's for Nitro: ECDSA on P-384 with SHA-384. */
export const P384_SHA384: SignatureScheme = {
  algorithm: [0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03],
  keyHead: [
    0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00,
    0x22, 0x03, 0x62, 0x00, 0x04,
  ],
  numberBytes: 48,
};

/** What certificates and revocation lists share. */
export interface SignedDer {
  /** The content of what is signed. */
  readonly from: number;
  readonly to: number;
  /** What is signed. */
  readonly signed: Uint8Array;
  /** r and s. */
  readonly signature: Uint8Array;
}

export function openSigned(der: Uint8Array, scheme: SignatureScheme): SignedDer {
  const { from: pos, to: end } = whole(der, TAG.sequence);
  const { from, to } = expect(der, pos, end, TAG.sequence);
  const bits = expect(der, skipAlgorithm(der, to, end, scheme), end, TAG.bitString);
  finish(bits.to, end);
  // The first byte of a bit string says how many bits of the last do not count.
  if (bits.from === bits.to || byteAt(der, bits.from) !== 0) throw new TeeError("DerLength", { pos: bits.from });
  const signature = signaturePair(der, bits.from + 1, bits.to, scheme.numberBytes);
  return { from, to, signed: der.subarray(pos, to), signature };
}

/** Where the algorithm ends, which can only be the scheme's. */
export function skipAlgorithm(der: Uint8Array, pos: number, end: number, { algorithm }: SignatureScheme): number {
  const { to } = expect(der, pos, end, TAG.sequence);
  const isKnown = to - pos === algorithm.length && algorithm.every((byte, i) => der[pos + i] === byte);
  if (!isKnown) throw new TeeError("SignatureAlgorithm", { pos });
  return to;
}
