import { concatBytes } from "@noble/hashes/utils.js";

import { hex } from "../bytes.ts";
import { TeeError } from "../error.ts";
import { nitroMeasurement } from "../measure/nitro-measurement.ts";
import { isSignedBy384, type NitroVerified, openBelow, openNitroRoot, readCertificate384 } from "./certificate.ts";
import { ES384_HEADER, type NitroDocument, parseNitroDocument, registerOf } from "./parse-document.ts";
import { AWS_NITRO_ROOT, isSimulatedNitroRoot } from "./root.ts";

/** What a document is held to, in the order in which it is. */
export const NITRO_RULES = {
  layout: "the document has the one form that is read, and all lengths agree",
  root: "the first certificate is the pinned root",
  chain: "each certificate issued the next one, up to that of the signer",
  signature: "the signer's key signed the document",
  trust: "none of the certificates is distrusted",
  dates: "all certificates are valid at the time in question",
  age: "the document is recent, and not from the future",
  production: "the enclave does not run in debug mode",
  reportData: "the user data is 64 bytes of report data",
} as const;

export type NitroRule = keyof typeof NITRO_RULES;

export interface NitroRulePassed {
  readonly rule: NitroRule;
  /** What was found, for people. */
  readonly found: string;
}

export interface VerifyNitroParameters {
  /** Seconds since 1970: the time at which the document must hold. */
  readonly now: number;
  /** The certificate of the root in DER; that of AWS unless it is given. */
  readonly root?: Uint8Array;
  /** Certificates that are distrusted, by what the contracts know them by. */
  readonly distrusted?: ReadonlySet<string>;
}

/** What a signed document says. Byte strings in hexadecimal with 0x, times in seconds since 1970. */
export interface NitroFindings {
  readonly moduleId: string;
  readonly measurement: string;
  /** PCR0 is zero: the enclave runs in debug mode. */
  readonly isDebug: boolean;
  readonly timestamp: number;
  readonly userData: string;
  readonly nonce: string;
  readonly publicKey: string;
  /** What the contracts know the signer's certificate by. */
  readonly certificate: string;
  /** When all certificates are valid. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** The root is not that of AWS: nothing shows that there is hardware. */
  readonly simulated: boolean;
}

/** How far the clocks of chain and machine may be apart, and how long it may take to show a document. */
const TOLERANCE = 300;
const MAX_DELAY = 3600;
const REPORT_DATA_BYTES = 64;

/**
 * Verifies an attestation document by the rules of the contracts, in their order. Throws a `TeeError` of which the code
 * is the name of the contracts' error.
 */
export function verifyNitroDocument(document: Uint8Array, parameters: VerifyNitroParameters): NitroFindings {
  return outcomeOf(checkNitroRules(document, parameters));
}

/** As `verifyNitroDocument`, whatever user data, age and mode of the document are. */
export function inspectNitroDocument(document: Uint8Array, parameters: VerifyNitroParameters): NitroFindings {
  return outcomeOf(checkSigned(parseNitroDocument(document), parameters));
}

/** As `verifyNitroDocument`, one rule at a time; what throws is the rule after the last one that passed. */
export function* checkNitroRules(
  bytes: Uint8Array,
  parameters: VerifyNitroParameters,
): Generator<NitroRulePassed, NitroFindings> {
  const { now } = parameters;
  const document = parseNitroDocument(bytes);
  yield { rule: "layout", found: `${document.moduleId}, ${bytes.length} bytes` };
  const found = yield* checkSigned(document, parameters);

  const { timestamp } = found;
  if (timestamp > now + TOLERANCE) throw new TeeError("DocumentFromFuture", { timestamp });
  if (timestamp + MAX_DELAY < now) throw new TeeError("DocumentStale", { timestamp });
  yield { rule: "age", found: `made ${iso(timestamp)}` };
  if (found.isDebug) throw new TeeError("DebugEnclave");
  yield { rule: "production", found: `PCR0 ${registerOf(document, 0)}` };
  const had = document.userData?.length ?? 0;
  if (had !== REPORT_DATA_BYTES) throw new TeeError("UserDataLength", { had, needed: REPORT_DATA_BYTES });
  yield { rule: "reportData", found: found.userData };
  return found;
}

/** A certificate that `NitroCertificates` must know, and the one that it is remembered below. */
export interface ToRemember {
  readonly id: string;
  readonly issuer: string;
  readonly certificate: Uint8Array;
}

/** The certificates of a document below the root, in the order in which they must be remembered. */
export function certificatesToRemember({ bundle, certificate }: NitroDocument): ToRemember[] {
  const chain = [...bundle, certificate].map(readCertificate384);
  return chain.slice(1).map(({ id, der }, i) => ({ id, issuer: chain[i]?.id ?? "", certificate: der }));
}

function* checkSigned(
  document: NitroDocument,
  { now, root = AWS_NITRO_ROOT, distrusted = new Set() }: VerifyNitroParameters,
): Generator<NitroRulePassed, NitroFindings> {
  const chain = yield* checkChain(document, root);
  const signer = chain[chain.length - 1] ?? openNitroRoot(root);
  const { certificate, notBefore, notAfter } = signer;
  if (certificate.extensions.isAuthority) throw new TeeError("NotASigner", { serial: certificate.serial });
  if (!isSignedBy384(certificate.point, signedPart(document), document.signature))
    throw new TeeError("DocumentSignature");
  yield { rule: "signature", found: `over ${document.payload.length} bytes` };

  const refused = chain.toReversed().find(({ certificate: { id } }) => distrusted.has(id));
  if (refused !== undefined) throw new TeeError("CertificateDistrusted", { certificate: refused.certificate.id });
  yield { rule: "trust", found: `${chain.length} certificates` };
  if (now < notBefore) throw new TeeError("CertificateNotYetValid", { notBefore });
  if (now > notAfter) throw new TeeError("CertificateExpired", { notAfter });
  yield { rule: "dates", found: `${iso(notBefore)} to ${iso(notAfter)}` };
  return findingsOf(document, signer, isSimulatedNitroRoot(root));
}

function* checkChain(document: NitroDocument, root: Uint8Array): Generator<NitroRulePassed, NitroVerified[]> {
  const [first, ...others] = document.bundle;
  const pinned = openNitroRoot(root);
  const had = first === undefined ? "" : readCertificate384(first).id;
  if (had !== pinned.certificate.id) throw new TeeError("RootUnknown", { had, needed: pinned.certificate.id });
  yield { rule: "root", found: isSimulatedNitroRoot(root) ? "a development root: SIMULATED" : "AWS Nitro Enclaves" };
  const chain = [pinned];
  for (const der of [...others, document.certificate]) chain.push(openBelow(der, chain[chain.length - 1] ?? pinned));
  yield { rule: "chain", found: chain.map(({ certificate: { serial } }) => serial.toString(16)).join(", ") };
  return chain;
}

function findingsOf(
  document: NitroDocument,
  { certificate, notBefore, notAfter }: NitroVerified,
  simulated: boolean,
): NitroFindings {
  const [pcr0, pcr1, pcr2] = [0, 1, 2].map((number) => document.pcrs.get(number) ?? new Uint8Array(0));
  if (pcr0 === undefined || pcr1 === undefined || pcr2 === undefined) throw new RangeError("there are three registers");
  return {
    moduleId: document.moduleId,
    measurement: nitroMeasurement({ pcr0, pcr1, pcr2 }),
    isDebug: pcr0.every((byte) => byte === 0),
    timestamp: Math.floor(document.timestamp / 1000),
    userData: hex(document.userData ?? new Uint8Array(0)),
    nonce: hex(document.nonce ?? new Uint8Array(0)),
    publicKey: hex(document.publicKey ?? new Uint8Array(0)),
    certificate: certificate.id,
    notBefore,
    notAfter,
    simulated,
  };
}

const SIGNATURE1 = Uint8Array.from("Signature1", (character) => character.charCodeAt(0));

/** Sig_structure of RFC 9052, 4.4, with no external data. */
function signedPart({ payload }: NitroDocument): Uint8Array {
  const { length } = payload;
  const short = length < 24 ? [0x40 | length] : length < 0x100 ? [0x58, length] : [0x59, length >> 8, length & 0xff];
  const start = Uint8Array.of(0x84, 0x60 | SIGNATURE1.length, ...SIGNATURE1, ...ES384_HEADER, 0x40, ...short);
  return concatBytes(start, payload);
}

function outcomeOf(rules: Generator<NitroRulePassed, NitroFindings>): NitroFindings {
  for (;;) {
    const step = rules.next();
    if (step.done === true) return step.value;
  }
}

/** What is beyond the calendar is no date. */
function iso(seconds: number): string {
  return new Date(Math.min(seconds, 8.64e12) * 1000).toISOString().replace(".000", "");
}
