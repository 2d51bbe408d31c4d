/**
 * Files as Intel's service for collateral (PCS, version 4) serves them: TCB info and identities in JSON with a signature,
 * the signer's chain in a header, percent-encoded, and revocation lists in DER or PEM.
 */
import { getBytes, isHexString, toUtf8Bytes } from "ethers";

import { AssayError } from "../../../circuits/format/error.ts";
import { fromLatin1, isEqual, latin1 } from "../bytes.ts";
import { readCertificate } from "../x509/certificate.ts";
import { decodePem, encodePem, endOfPem } from "../x509/pem.ts";
import { readRevocationList, type RevocationList } from "../x509/revocation-list.ts";

export class CollateralFileError extends AssayError {
  declare readonly code: "COLLATERAL_FILE";
  constructor(message: string, cause?: unknown) {
    super("COLLATERAL_FILE", message, { cause });
  }
}

export interface SignedPart {
  /** The bytes that were signed, exactly. */
  readonly text: Uint8Array;
  /** r and s, 64 bytes. */
  readonly signature: Uint8Array;
}

const PARTS = { tcbInfo: "a TCB info", enclaveIdentity: "an enclave identity" } as const;

/** The signed part of `{"tcbInfo": {…}, "signature": "…"}`, or of the same with `enclaveIdentity`. */
export function readSigned(json: string, name: keyof typeof PARTS): SignedPart {
  const value = parse(json);
  const signature = typeof value === "object" && value !== null && "signature" in value ? value.signature : undefined;
  if (typeof signature !== "string" || !isHexString(`0x${signature}`, 64))
    throw new CollateralFileError(`this is not ${PARTS[name]} as Intel serves it: "signature" is not 64 bytes`);
  const start = new RegExp(`^\\s*\\{\\s*"${name}"\\s*:\\s*`).exec(json)?.[0].length;
  if (start === undefined || json[start] !== "{")
    throw new CollateralFileError(`this is not ${PARTS[name]} as Intel serves it: it does not begin with "${name}"`);
  return { text: toUtf8Bytes(json.slice(start, endOfObject(json, start))), signature: getBytes(`0x${signature}`) };
}

/** Where an object ends of JSON that is known to parse. */
function endOfObject(json: string, start: number): number {
  let depth = 0;
  let isString = false;
  for (let pos = start; pos < json.length; pos++) {
    const character = json[pos];
    if (isString && character === "\\") pos++;
    else if (character === '"') isString = !isString;
    else if (!isString && character === "{") depth++;
    else if (!isString && character === "}") depth--;
    if (depth === 0) return pos + 1;
  }
  return json.length;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new CollateralFileError("this is not JSON", cause);
  }
}

/** A chain in PEM as a file or a header has it, in the one form that the chain takes; leaf first. */
export function readChain(text: string): Uint8Array[] {
  // What percent-encodes "+" as itself cannot be told from what does not; base64 has it, and no spaces.
  const plain = text.replace(/%[0-9a-fA-F]{2}/g, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
  const certificates = [...plain.matchAll(/-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g)];
  if (certificates.length === 0) throw new CollateralFileError("there is no certificate in the file");
  return certificates.map(([, base64 = ""]) => encodePem(fromBase64(base64)));
}

/** A revocation list in DER, or in PEM, or as hexadecimal text, as PCS serves it by default. */
export function readList(file: Uint8Array): Uint8Array {
  const text = latin1(file).trim();
  const pem = /^-----BEGIN X509 CRL-----([^-]*)-----END X509 CRL-----$/.exec(text);
  if (pem !== null) return fromBase64(pem[1] ?? "");
  return isHexString(`0x${text}`) && text.length % 2 === 0 && text.length > 0 ? getBytes(`0x${text}`) : file;
}

export interface IssuedList {
  readonly der: Uint8Array;
  readonly list: RevocationList;
  /** Of who issued it, up to the root, in PEM. */
  readonly issuerChain: Uint8Array;
}

/** A list with the part of a chain that begins with its issuer: an authority below the root, or the root itself. */
export function withIssuer(der: Uint8Array, chain: readonly Uint8Array[]): IssuedList {
  const list = readRevocationList(der);
  const from = chain.findIndex((pem) => isEqual(certificateIn(pem).subject, list.issuer));
  if (from < 0) throw new CollateralFileError("the chain does not have the issuer of a revocation list");
  return { der, list, issuerChain: joined(chain.slice(from)) };
}

export function certificateIn(pem: Uint8Array) {
  return readCertificate(decodePem(pem.subarray(0, endOfPem(pem, 0))));
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return fromLatin1(parts.map(latin1).join(""));
}

function fromBase64(text: string): Uint8Array {
  try {
    return fromLatin1(atob(text.replace(/\s/g, "")));
  } catch (cause) {
    throw new CollateralFileError("a PEM file is not base64", cause);
  }
}
