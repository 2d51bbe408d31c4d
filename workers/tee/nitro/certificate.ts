import { p384 } from "@noble/curves/nist.js";
import { sha384 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";

import { hex, isEqual } from "../bytes.ts";
import { TeeError } from "../error.ts";
import { type CertificateFields, readFields } from "../x509/certificate.ts";
import { openSigned, P384_SHA384 } from "../x509/signed-der.ts";

/** A certificate of Nitro. Its signature and its key have 96 bytes. */
export interface Certificate384 extends CertificateFields {
  readonly der: Uint8Array;
  /** What the contracts know it by: Keccak-256 of what its issuer signed. */
  readonly id: string;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
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

const MAX_BYTES = 2048;
/** Authorities below a root that sets no limit. */
const MAX_AUTHORITIES = 7;

/** X.509 v3 with a P-384 key, signed by ECDSA with SHA-384: the only certificates of Nitro. */
export function readCertificate384(der: Uint8Array): Certificate384 {
  if (der.length > MAX_BYTES) throw new TeeError("CertificateTooLong", { length: der.length, most: MAX_BYTES });
  const { from, to, signed, signature } = openSigned(der, P384_SHA384);
  return { der, id: hex(keccak_256(signed)), signed, signature, ...readFields(der, { from, to }, P384_SHA384) };
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
  const key = new Uint8Array(2 * P384_SHA384.numberBytes + 1);
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
