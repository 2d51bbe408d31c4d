import { hex, isEqual } from "../bytes.ts";
import { TeeError } from "../error.ts";
import { type Certificate, commonNameOf, readCertificate } from "../x509/certificate.ts";
import type { KnownSignatures } from "../x509/p256-signature.ts";
import { decodePem, endOfPem } from "../x509/pem.ts";
import { type PlatformTcb, readPckExtension } from "./pck-extension.ts";
import { isSimulatedRoot, type RootKey } from "./root.ts";

/** The common names of who signs collateral: a root certifies others that sign, too. */
const INTEL_SIGNER = "Intel SGX TCB Signing";
const SIMULATED_SIGNER = "SIMULATED SGX TCB Signing";

/** A certificate of which the chain up to the root was verified. */
export interface Verified {
  readonly certificate: Certificate;
  readonly serial: bigint;
  readonly point: Uint8Array;
  /** When all certificates up to the root are valid. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface Platform extends Verified {
  readonly tcb: PlatformTcb;
}

/** The chain of a platform's certificate in PEM: there must be these three certificates and nothing else. */
export function splitChain(chain: Uint8Array) {
  const text = trim(chain);
  const authority = endOfPem(text, 0);
  const root = endOfPem(text, authority);
  finish(text, endOfPem(text, root));
  return { leaf: text.subarray(0, authority), authority: text.subarray(authority, root), root: text.subarray(root) };
}

/** The chain of a certificate that the root issued, or the root alone. */
export function splitShortChain(chain: Uint8Array) {
  const text = trim(chain);
  const root = endOfPem(text, 0);
  if (root === text.length) return { leaf: null, root: text };
  finish(text, endOfPem(text, root));
  return { leaf: text.subarray(0, root), root: text.subarray(root) };
}

/** The key alone would do, but then bytes of the root's certificate would be free to change. */
export function openRoot(pem: Uint8Array, root: RootKey, known: KnownSignatures): Verified {
  const certificate = readCertificate(decodePem(pem));
  if (!isEqual(certificate.point, root)) throw new TeeError("RootUnknown", { key: hex(certificate.point) });
  requireAuthority(certificate);
  if (certificate.extensions.pathLength === 0) throw new TeeError("NotAnAuthority", { serial: certificate.serial });
  requireIssued(certificate, certificate, known);
  const { serial, point, notBefore, notAfter } = certificate;
  return { certificate, serial, point, notBefore, notAfter };
}

/** An intermediate authority. */
export function openAuthority(pem: Uint8Array, root: Verified, known: KnownSignatures): Verified {
  const certificate = readCertificate(decodePem(pem));
  requireIssued(certificate, root.certificate, known);
  requireAuthority(certificate);
  return below(root, certificate);
}

/** The certificate of a platform: what signs its quoting enclave's reports. */
export function openPlatform(pem: Uint8Array, authority: Verified, known: KnownSignatures): Platform {
  const certificate = readCertificate(decodePem(pem));
  const { sgx, signsData, isAuthority } = certificate.extensions;
  if (sgx === null || !signsData || isAuthority) throw new TeeError("NotAPlatform", { serial: certificate.serial });
  const tcb = readPckExtension(certificate.der, sgx.from, sgx.to);
  requireIssued(certificate, authority.certificate, known);
  return { ...below(authority, certificate), tcb };
}

/** The certificate of whoever signs collateral. */
export function openSigner(pem: Uint8Array, root: Verified, known: KnownSignatures): Verified {
  const certificate = readCertificate(decodePem(pem));
  requireIssued(certificate, root.certificate, known);
  const { sgx, signsData, isAuthority } = certificate.extensions;
  const isNamed = commonNameOf(certificate) === (isSimulatedRoot(root.point) ? SIMULATED_SIGNER : INTEL_SIGNER);
  if (sgx !== null || !signsData || isAuthority || !isNamed)
    throw new TeeError("NotASigner", { serial: certificate.serial });
  return below(root, certificate);
}

export function requireValidAt({ notBefore, notAfter }: Verified, now: number): void {
  if (now < notBefore) throw new TeeError("CertificateNotYetValid", { notBefore });
  if (now > notAfter) throw new TeeError("CertificateExpired", { notAfter });
}

function requireIssued(certificate: Certificate, issuer: Certificate, known: KnownSignatures): void {
  if (!isEqual(certificate.issuer, issuer.subject))
    throw new TeeError("IssuerMismatch", { had: hex(certificate.issuer), needed: hex(issuer.subject) });
  if (!known.isSignedBy(issuer.point, certificate.digest, certificate.signature))
    throw new TeeError("CertificateSignature", { serial: certificate.serial });
}

function requireAuthority({ serial, extensions }: Certificate): void {
  const { isAuthority, signsCertificates, signsLists } = extensions;
  if (!isAuthority || !signsCertificates || !signsLists) throw new TeeError("NotAnAuthority", { serial });
}

function below(issuer: Verified, certificate: Certificate): Verified {
  return {
    certificate,
    serial: certificate.serial,
    point: certificate.point,
    notBefore: Math.max(certificate.notBefore, issuer.notBefore),
    notAfter: Math.min(certificate.notAfter, issuer.notAfter),
  };
}

/** Some quotes hold the zero that ends the text in C. */
function trim(chain: Uint8Array): Uint8Array {
  return chain.at(-1) === 0 ? chain.subarray(0, -1) : chain;
}

function finish(text: Uint8Array, pos: number): void {
  if (pos !== text.length) throw new TeeError("ChainTrailingBytes", { pos });
}
