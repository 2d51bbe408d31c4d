import { byteAt, latin1 } from "../bytes.ts";
import { TeeError } from "../error.ts";
import { derTime } from "./calendar-time.ts";
import { expect, finish, integer, next, TAG } from "./der.ts";
import { type Extensions, readExtensions, readOid } from "./extensions.ts";
import { openSigned, skipAlgorithm } from "./signed-der.ts";

/** What a certificate says. Nothing of it is true before the signature was checked. */
export interface Certificate {
  readonly der: Uint8Array;
  /** SHA-256 of what the issuer signed. */
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
  /** The names in DER. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Both coordinates of the key, 64 bytes. */
  readonly point: Uint8Array;
  readonly serial: bigint;
  /** Seconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly extensions: Extensions;
}

/** The head of a SubjectPublicKeyInfo of an uncompressed point on P-256. */
const P256_KEY = [
  0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
  0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];
const COMMON_NAME = "0x550403";
const MAX_SERIAL = 2n ** 160n - 1n;

/** X.509 v3 with a P-256 key, signed by ECDSA with SHA-256: the only certificates in a chain of quotes. */
export function readCertificate(der: Uint8Array): Certificate {
  const { from, to, digest, signature } = openSigned(der);
  const serial = readSerial(der, skipVersion(der, from, to), to);
  const issuer = readName(der, skipAlgorithm(der, serial.to, to), to);
  const validity = readValidity(der, issuer.to, to);
  const subject = readName(der, validity.to, to);
  const key = readKey(der, subject.to, to);
  const list = expect(der, key.to, to, TAG.context3);
  finish(list.to, to);
  return {
    der,
    digest,
    signature,
    serial: serial.value,
    issuer: issuer.value,
    notBefore: validity.notBefore,
    notAfter: validity.notAfter,
    subject: subject.value,
    point: key.value,
    extensions: readExtensions(der, list.from, list.to),
  };
}

/** A value and where it ends. */
interface Read<T> {
  readonly value: T;
  readonly to: number;
}

/** A serial number is positive and has at most 20 bytes (RFC 5280, 4.1.2.2). */
export function readSerial(der: Uint8Array, pos: number, end: number): Read<bigint> {
  const serial = integer(der, pos, end);
  if (serial.value === 0n || serial.value > MAX_SERIAL) throw new TeeError("CertificateSerial", { pos });
  return serial;
}

export function readName(der: Uint8Array, pos: number, end: number): Read<Uint8Array> {
  const { to } = expect(der, pos, end, TAG.sequence);
  return { value: der.subarray(pos, to), to };
}

export function readTime(der: Uint8Array, pos: number, end: number): Read<number> {
  const { tag, from, to } = next(der, pos, end);
  const needed = to - from === 13 ? TAG.utcTime : TAG.generalizedTime;
  if (tag !== needed) throw new TeeError("DerTag", { pos, had: tag, needed });
  return { value: derTime(der, from, to), to };
}

/** The first common name in the subject's name, whatever kind of string it is; null without one. */
export function commonNameOf({ der, subject }: Certificate): string | null {
  const start = subject.byteOffset - der.byteOffset;
  const { from, to } = expect(der, start, start + subject.length, TAG.sequence);
  for (let pos = from; pos < to;) {
    const set = expect(der, pos, to, TAG.set);
    const attribute = expect(der, set.from, set.to, TAG.sequence);
    const { oid, to: value } = readOid(der, attribute.from, set.to);
    if (oid === COMMON_NAME) {
      const text = next(der, value, set.to);
      return latin1(der.subarray(text.from, text.to));
    }
    pos = set.to;
  }
  return null;
}

export function skipVersion(der: Uint8Array, pos: number, end: number): number {
  const { from, to } = expect(der, pos, end, TAG.context0);
  const version = integer(der, from, to);
  if (version.value !== 2n || version.to !== to) throw new TeeError("CertificateVersion", { pos });
  return to;
}

export function readValidity(der: Uint8Array, pos: number, end: number) {
  const { from, to } = expect(der, pos, end, TAG.sequence);
  const notBefore = readTime(der, from, to);
  const notAfter = readTime(der, notBefore.to, to);
  finish(notAfter.to, to);
  return { notBefore: notBefore.value, notAfter: notAfter.value, to };
}

function readKey(der: Uint8Array, pos: number, end: number): Read<Uint8Array> {
  const { to } = expect(der, pos, end, TAG.sequence);
  const isPoint = to - pos === P256_KEY.length + 64 && P256_KEY.every((byte, i) => byteAt(der, pos + i) === byte);
  if (!isPoint) throw new TeeError("CertificateKey", { pos });
  return { value: der.subarray(pos + P256_KEY.length, to), to };
}
