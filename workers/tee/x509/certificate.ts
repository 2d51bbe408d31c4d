import { sha256 } from "@noble/hashes/sha2.js";

import { latin1 } from "../bytes.ts";
import { TeeError } from "../error.ts";
import { derTime } from "./calendar-time.ts";
import { expect, finish, integer, next, TAG } from "./der.ts";
import { type Extensions, readExtensions, readOid } from "./extensions.ts";
import { openSigned, P256_SHA256, type SignatureScheme, skipAlgorithm } from "./signed-der.ts";

/** What a certificate says, whoever issued it. Nothing of it is true before the signature was checked. */
export interface CertificateFields {
  /** The names in DER. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Both coordinates of the key. */
  readonly point: Uint8Array;
  readonly serial: bigint;
  /** Seconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly extensions: Extensions;
}

/** One in a chain of quotes. Its signature and its key have 64 bytes. */
export interface Certificate extends CertificateFields {
  readonly der: Uint8Array;
  /** SHA-256 of what the issuer signed. */
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
}

const COMMON_NAME = "0x550403";
const MAX_SERIAL = 2n ** 160n - 1n;

/** X.509 v3 with a P-256 key, signed by ECDSA with SHA-256: the only certificates in a chain of quotes. */
export function readCertificate(der: Uint8Array): Certificate {
  const { from, to, signed, signature } = openSigned(der, P256_SHA256);
  return { der, digest: sha256(signed), signature, ...readFields(der, { from, to }, P256_SHA256) };
}

/** The fields of X.509 v3 in `from` to `to`, with a key of the scheme. */
export function readFields(
  der: Uint8Array,
  { from, to }: { readonly from: number; readonly to: number },
  scheme: SignatureScheme,
): CertificateFields {
  const serial = readSerial(der, skipVersion(der, from, to), to);
  const issuer = readName(der, skipAlgorithm(der, serial.to, to, scheme), to);
  const validity = readValidity(der, issuer.to, to);
  const subject = readName(der, validity.to, to);
  const key = readKey(der, subject.to, to, scheme);
  const list = expect(der, key.to, to, TAG.context3);
  finish(list.to, to);
  return {
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

function skipVersion(der: Uint8Array, pos: number, end: number): number {
  const { from, to } = expect(der, pos, end, TAG.context0);
  const version = integer(der, from, to);
  if (version.value !== 2n || version.to !== to) throw new TeeError("CertificateVersion", { pos });
  return to;
}

function readValidity(der: Uint8Array, pos: number, end: number) {
  const { from, to } = expect(der, pos, end, TAG.sequence);
  const notBefore = readTime(der, from, to);
  const notAfter = readTime(der, notBefore.to, to);
  finish(notAfter.to, to);
  return { notBefore: notBefore.value, notAfter: notAfter.value, to };
}

function readKey(
  der: Uint8Array,
  pos: number,
  end: number,
  { keyHead, numberBytes }: SignatureScheme,
): Read<Uint8Array> {
  const { to } = expect(der, pos, end, TAG.sequence);
  const isPoint = to - pos === keyHead.length + 2 * numberBytes && keyHead.every((byte, i) => der[pos + i] === byte);
  if (!isPoint) throw new TeeError("CertificateKey", { pos });
  return { value: der.subarray(pos + keyHead.length, to), to };
}
