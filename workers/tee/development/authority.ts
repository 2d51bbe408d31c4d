import { p256 } from "@noble/curves/nist.js";
import { concat, dataSlice, getBytes, keccak256, toBeHex, toUtf8Bytes } from "ethers";

import { bits, integer, name, octets, oid, sequence, time, tlv, yes } from "./der.ts";

/** 32 bytes in hexadecimal, from which everything of a development platform follows. */
export type RootSecret = `0x${string}`;

/** A P-256 key under a name. */
export interface Signer {
  readonly name: string;
  readonly secret: Uint8Array;
  /** Both coordinates, 64 bytes. */
  readonly point: Uint8Array;
  /** Of its certificate. */
  readonly serial: bigint;
}

/** The key that a root secret gives to a name: always the same. */
export function signerOf(rootSecret: RootSecret, name: string): Signer {
  const seed = keccak256(concat([rootSecret, toUtf8Bytes(`development key of ${name}`)]));
  const secret = getBytes(toBeHex((BigInt(seed) % (p256.Point.Fn.ORDER - 1n)) + 1n, 32));
  const serial = BigInt(dataSlice(keccak256(seed), 0, 8)) | 1n;
  return { name, secret, point: p256.getPublicKey(secret, false).slice(1), serial };
}

/** r and s over the SHA-256 of a message, s in whichever half it falls, as hardware makes it. */
export function sign(message: Uint8Array, { secret }: Signer): Uint8Array {
  return p256.sign(message, secret, { prehash: true, lowS: false, format: "compact" });
}

/** The other signature of the same message: s is replaced by the order less s. */
export function flipped(signature: Uint8Array): Uint8Array {
  const { r, s } = p256.Signature.fromBytes(signature, "compact");
  return new p256.Signature(r, p256.Point.Fn.ORDER - s).toBytes("compact");
}

export const ECDSA_WITH_SHA256 = sequence(oid("2a8648ce3d040302"));

/** What is signed, the algorithm and the signature in a sequence. */
export function signed(content: Uint8Array, issuer: Signer, signature = sign(content, issuer)): Buffer {
  const [r, s] = [signature.slice(0, 32), signature.slice(32)].map((half) =>
    BigInt(`0x${Buffer.from(half).toString("hex")}`),
  );
  return sequence(content, ECDSA_WITH_SHA256, bits(0, sequence(integer(r ?? 0n), integer(s ?? 0n))));
}

export interface CertificateParts {
  readonly version: Uint8Array;
  readonly serial: Uint8Array;
  readonly algorithm: Uint8Array;
  readonly issuer: Uint8Array;
  readonly validity: Uint8Array;
  readonly subject: Uint8Array;
  readonly key: Uint8Array;
  readonly extensions: Uint8Array;
}

export interface CertificateSpec {
  readonly subject: Signer;
  readonly issuer: Signer;
  readonly serial: bigint;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly extensions: readonly Uint8Array[];
  /** Parts to put in the place of what the rest says. */
  readonly parts?: Partial<CertificateParts>;
}

export function certificate(spec: CertificateSpec): Buffer {
  const { version, serial, algorithm, issuer, validity, subject, key, extensions } = {
    ...partsOf(spec),
    ...spec.parts,
  };
  return signed(sequence(version, serial, algorithm, issuer, validity, subject, key, extensions), spec.issuer);
}

export function partsOf(spec: CertificateSpec): CertificateParts {
  return {
    version: tlv(0xa0, integer(2)),
    serial: integer(spec.serial),
    algorithm: ECDSA_WITH_SHA256,
    issuer: name(spec.issuer.name),
    validity: sequence(time(spec.notBefore), time(spec.notAfter)),
    subject: name(spec.subject.name),
    key: keyOf(spec.subject),
    extensions: tlv(0xa3, sequence(...spec.extensions)),
  };
}

function keyOf({ point }: Signer): Buffer {
  const algorithm = sequence(oid("2a8648ce3d0201"), oid("2a8648ce3d030107"));
  return sequence(algorithm, bits(0, Buffer.from([4]), point));
}

export const extension = (id: string, value: Uint8Array) => sequence(oid(id), octets(value));
export const critical = (id: string, value: Uint8Array) => sequence(oid(id), yes, octets(value));

export const KEY_USAGE = "551d0f";
export const BASIC_CONSTRAINTS = "551d13";
export const SGX_EXTENSION = "2a864886f84d010d01";

/** Certificates and lists. */
export const usageOfAuthority = critical(KEY_USAGE, bits(1, Buffer.from([0x06])));
export const usageOfSigner = critical(KEY_USAGE, bits(6, Buffer.from([0xc0])));
export const authorityOf = (pathLength?: number) =>
  critical(BASIC_CONSTRAINTS, pathLength === undefined ? sequence(yes) : sequence(yes, integer(pathLength)));
export const noAuthority = critical(BASIC_CONSTRAINTS, sequence());

export interface ListSpec {
  readonly issuer: Signer;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly serials: readonly bigint[];
  readonly extensions?: readonly Uint8Array[];
  readonly version?: number;
}

/** A revocation list; without serial numbers the list of entries is left out, as DER wants it. */
export function revocationList(spec: ListSpec): Buffer {
  const { issuer, thisUpdate, nextUpdate, serials, version = 1 } = spec;
  const entries = serials.map((serial) => sequence(integer(serial), time(thisUpdate)));
  const extensions = spec.extensions ?? [extension("551d14", integer(1))];
  const content = sequence(
    integer(version),
    ECDSA_WITH_SHA256,
    name(issuer.name),
    time(thisUpdate),
    time(nextUpdate),
    ...(entries.length > 0 ? [sequence(...entries)] : []),
    tlv(0xa0, sequence(...extensions)),
  );
  return signed(content, issuer);
}
