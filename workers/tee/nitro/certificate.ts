import { p384 } from "@noble/curves/nist.js";
import { sha384 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";

import { byteAt, hex, isEqual } from "../bytes.ts";
import { TeeError } from "../error.ts";
import { readName, readSerial, readValidity, skipVersion } from "../x509/certificate.ts";
import { expect, finish, signaturePair, TAG, whole } from "../x509/der.ts";
import { type Extensions, readExtensions } from "../x509/extensions.ts";

/** What a certificate says. Nothing of it is true before the signature was checked. */
export interface Certificate384 {
  readonly der: Uint8Array;
  /** What the contracts know it by: Keccak-256 of what its issuer signed. */
  readonly id: string;
  readonly signed: Uint8Array;
  /** r and s, 96 bytes. */
  readonly signature: Uint8Array;
  /** The names in DER. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Both coordinates of the key, 96 bytes. */
  readonly point: Uint8Array;
  readonly serial: bigint;
  /** Seconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly extensions: Extensions;
}

/** A certificate of which the chain up to the root was verified. */
export interface NitroVerified {
  readonly certificate: Certificate384;
  /** When all certificates up to the root are valid. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** How many more authorities may follow below. */
  readonly pathLength: number;
}

/** The AlgorithmIdentifier of ecdsa-with-SHA384, without parameters. */
const ALGORITHM = [0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];
/** The head of a SubjectPublicKeyInfo of an uncompressed point on P-384. */
const P384_KEY = [
  0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00,
  0x22, 0x03, 0x62, 0x00, 0x04,
];
const NUMBER = 48;
const MAX_BYTES = 2048;
/** Authorities below a root that sets no limit. */
const MAX_AUTHORITIES = 7;

/** X.509 v3 with a P-384 key, signed by ECDSA with SHA-384: the only certificates of Nitro. */
export function readCertificate384(der: Uint8Array): Certificate384 {
  if (der.length > MAX_BYTES) throw new TeeError("CertificateTooLong", { length: der.length, most: MAX_BYTES });
  const { from: start, to: end } = whole(der, TAG.sequence);
  const { from, to } = expect(der, start, end, TAG.sequence);
  const signature = readSignature(der, to, end);
  const serial = readSerial(der, skipVersion(der, from, to), to);
  const issuer = readName(der, skipAlgorithm(der, serial.to, to), to);
  const validity = readValidity(der, issuer.to, to);
  const subject = readName(der, validity.to, to);
  const key = readKey(der, subject.to, to);
  const list = expect(der, key.to, to, TAG.context3);
  finish(list.to, to);
  const signed = der.subarray(start, to);
  return {
    der,
    id: hex(keccak_256(signed)),
    signed,
    signature,
    serial: serial.value,
    issuer: issuer.value,
    notBefore: validity.notBefore,
    notAfter: validity.notAfter,
    subject: subject.value,
    point: key.point,
    extensions: readExtensions(der, list.from, list.to),
  };
}

/** A root signs itself, and sets the longest path that is read. */
export function openNitroRoot(der: Uint8Array): NitroVerified {
  const certificate = readCertificate384(der);
  requireUsable(certificate);
  requireIssued(certificate, certificate);
  const { notBefore, notAfter, extensions } = certificate;
  return { certificate, notBefore, notAfter, pathLength: Math.min(extensions.pathLength ?? 255, MAX_AUTHORITIES) };
}

/** As `NitroCertificates.remember` verifies one below another. */
export function openBelow(der: Uint8Array, above: NitroVerified): NitroVerified {
  const certificate = readCertificate384(der);
  requireUsable(certificate);
  requireIssued(certificate, above.certificate);
  const { serial, extensions } = certificate;
  if (extensions.isAuthority && above.pathLength === 0) throw new TeeError("PathTooLong", { serial });
  return {
    certificate,
    notBefore: Math.max(certificate.notBefore, above.notBefore),
    notAfter: Math.min(certificate.notAfter, above.notAfter),
    pathLength: extensions.isAuthority ? Math.min(extensions.pathLength ?? 255, above.pathLength - 1) : 0,
  };
}

/** True if `signature` (r and s, 96 bytes) over a message is by `point` (both coordinates), in either of its forms. */
export function isSignedBy384(point: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = new Uint8Array(2 * NUMBER + 1);
  key[0] = 0x04;
  key.set(point, 1);
  const options = { prehash: false, lowS: false, format: "compact" } as const;
  try {
    return p384.verify(signature, sha384(message), key, options);
  } catch {
    // The point is not on the curve, or a number is out of its range.
    return false;
  }
}

function requireUsable({ serial, extensions }: Certificate384): void {
  const { isAuthority, signsCertificates, signsData } = extensions;
  if (isAuthority && !signsCertificates) throw new TeeError("NotAnAuthority", { serial });
  if (!isAuthority && !signsData) throw new TeeError("NotASigner", { serial });
}

function requireIssued(certificate: Certificate384, issuer: Certificate384): void {
  if (!isEqual(certificate.issuer, issuer.subject))
    throw new TeeError("IssuerMismatch", { had: hex(certificate.issuer), needed: hex(issuer.subject) });
  if (!issuer.extensions.isAuthority) throw new TeeError("NotAnAuthority", { serial: issuer.serial });
  if (!isSignedBy384(issuer.point, certificate.signed, certificate.signature))
    throw new TeeError("CertificateSignature", { serial: certificate.serial });
}

function readSignature(der: Uint8Array, pos: number, end: number): Uint8Array {
  const bits = expect(der, skipAlgorithm(der, pos, end), end, TAG.bitString);
  finish(bits.to, end);
  // The first byte of a bit string says how many bits of the last do not count.
  if (bits.from === bits.to || byteAt(der, bits.from) !== 0) throw new TeeError("DerLength", { pos: bits.from });
  return signaturePair(der, bits.from + 1, bits.to, NUMBER);
}

function skipAlgorithm(der: Uint8Array, pos: number, end: number): number {
  const { to } = expect(der, pos, end, TAG.sequence);
  const isKnown = to - pos === ALGORITHM.length && ALGORITHM.every((byte, i) => der[pos + i] === byte);
  if (!isKnown) throw new TeeError("SignatureAlgorithm", { pos });
  return to;
}

function readKey(der: Uint8Array, pos: number, end: number) {
  const { to } = expect(der, pos, end, TAG.sequence);
  const isPoint = to - pos === P384_KEY.length + 2 * NUMBER && P384_KEY.every((byte, i) => der[pos + i] === byte);
  if (!isPoint) throw new TeeError("CertificateKey", { pos });
  return { point: der.subarray(pos + P384_KEY.length, to), to };
}
