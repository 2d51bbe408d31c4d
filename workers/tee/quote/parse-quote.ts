import { byteAt, hex, isEqual, littleEndian } from "../bytes.ts";
import { TeeError } from "../error.ts";
import { type Report, SGX_BYTES, type SgxReport, sgxReport, TD10_BYTES, TD15_BYTES, tdReport } from "./report.ts";

export interface QuoteHeader {
  readonly bytes: Uint8Array;
  readonly version: 3 | 4 | 5;
  readonly attestationKeyType: number;
  readonly teeType: number;
  /** Of the quoting enclave and the provisioning certification enclave, in version 3; reserved later. */
  readonly qeSvn: number;
  readonly pceSvn: number;
  readonly vendor: Uint8Array;
  readonly userData: Uint8Array;
}

/** A DCAP quote taken apart. Byte strings lie in the quote and must not be changed. Nothing of it is verified. */
export interface Quote {
  readonly bytes: Uint8Array;
  readonly header: QuoteHeader;
  readonly body: Report;
  /** Header and body, as the attestation key signed them. */
  readonly signed: Uint8Array;
  /** r and s, 64 bytes. */
  readonly signature: Uint8Array;
  /** Both coordinates, 64 bytes. */
  readonly attestationKey: Uint8Array;
  readonly qeReport: SgxReport;
  readonly qeSignature: Uint8Array;
  readonly authData: Uint8Array;
  /** The chain of the PCK certificate in PEM. */
  readonly chain: Uint8Array;
  /** Zeros that follow the quote. */
  readonly padding: number;
}

const HEADER = 48;
/** Real ones have about 5,000, some filled up to 8,000. */
const MAX_BYTES = 16_384;
const ECDSA_P256 = 2;
const SGX = 0x00;
const TDX = 0x81;
/** Sizes of bodies by the type that version 5 gives them. */
const SGX_BODIES = new Map([[1, SGX_BYTES]]);
const TDX_BODIES = new Map([
  [2, TD10_BYTES],
  [3, TD15_BYTES],
]);
/** Certification data: the PCK chain, and the report of the quoting enclave with certification data. */
const PCK_CHAIN = 5;
const QE_REPORT = 6;
const INTEL_QE_VENDOR = Uint8Array.of(
  ...[0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07],
);

/**
 * Takes an SGX or TDX quote of version 3, 4 or 5 apart, refusing what contracts/tee/dcap/Quote.sol refuses: header (48),
 * in version 5 type and size of the body (6), body, length of the rest (4), signature (64), key (64), from version 4 on a
 * frame of type and length (6), report of the quoting enclave (384), its signature (64), auth data with length (2), type
 * and length (6) of the certification data, PEM. All lengths must agree; only zeros may follow.
 */
export function parseQuote(bytes: Uint8Array): Quote {
  if (bytes.length > MAX_BYTES) throw new TeeError("QuoteTooLong", { had: bytes.length, max: MAX_BYTES });
  requireBytes(bytes.length, HEADER + 6);
  const header = readHeader(bytes);
  const isTdx = header.teeType === TDX;
  const from = header.version < 5 ? HEADER : HEADER + 6;
  const to = from + (header.version < 5 ? (isTdx ? TD10_BYTES : SGX_BYTES) : describedSize(bytes, isTdx));
  const rest = readSignatureData(bytes, header.version, to);
  const body = bytes.subarray(from, to);
  return { bytes, header, body: isTdx ? tdReport(body) : sgxReport(body), signed: bytes.subarray(0, to), ...rest };
}

function readHeader(bytes: Uint8Array): QuoteHeader {
  const version = littleEndian(bytes, 0, 2);
  if (version !== 3 && version !== 4 && version !== 5) throw new TeeError("QuoteVersion", { had: version });
  const attestationKeyType = littleEndian(bytes, 2, 2);
  if (attestationKeyType !== ECDSA_P256) throw new TeeError("QuoteKeyType", { had: attestationKeyType });
  const teeType = littleEndian(bytes, 4, 4);
  const isTdx = teeType === TDX && version > 3;
  if (!isTdx && teeType !== SGX) throw new TeeError("QuoteTeeType", { had: teeType });
  const vendor = bytes.subarray(12, 28);
  if (!isEqual(vendor, INTEL_QE_VENDOR)) throw new TeeError("QuoteVendor", { had: hex(vendor) });
  return {
    bytes: bytes.subarray(0, HEADER),
    version,
    attestationKeyType,
    teeType,
    qeSvn: littleEndian(bytes, 8, 2),
    pceSvn: littleEndian(bytes, 10, 2),
    vendor,
    userData: bytes.subarray(28, HEADER),
  };
}

function describedSize(bytes: Uint8Array, isTdx: boolean): number {
  const kind = littleEndian(bytes, HEADER, 2);
  const size = littleEndian(bytes, HEADER + 2, 4);
  const sizes = isTdx ? TDX_BODIES : SGX_BODIES;
  const needed = sizes.get(kind);
  if (needed === undefined || size !== needed) throw new TeeError("QuoteBody", { kind, size });
  return needed;
}

function readSignatureData(bytes: Uint8Array, version: number, bodyEnd: number) {
  const signature = bodyEnd + 4;
  requireBytes(bytes.length, signature);
  const end = signature + littleEndian(bytes, bodyEnd, 4);
  requireBytes(bytes.length, end);
  requireZeros(bytes, end);

  const key = signature + 64;
  const qeReport = version > 3 ? certificationData(bytes, key + 64, end, QE_REPORT) : key + 64;
  const qeSignature = qeReport + SGX_BYTES;
  const authData = qeSignature + 64 + 2;
  requireBytes(end, authData);
  const authDataEnd = authData + littleEndian(bytes, authData - 2, 2);
  const chain = certificationData(bytes, authDataEnd, end, PCK_CHAIN);
  return {
    signature: bytes.subarray(signature, key),
    attestationKey: bytes.subarray(key, key + 64),
    qeReport: sgxReport(bytes.subarray(qeReport, qeSignature)),
    qeSignature: bytes.subarray(qeSignature, qeSignature + 64),
    authData: bytes.subarray(authData, authDataEnd),
    chain: bytes.subarray(chain, end),
    padding: bytes.length - end,
  };
}

/** Where the data begins that type and length at `pos` announce; it must reach to the end. */
function certificationData(bytes: Uint8Array, pos: number, end: number, needed: number): number {
  const from = pos + 6;
  requireBytes(end, from);
  const kind = littleEndian(bytes, pos, 2);
  if (kind !== needed) throw new TeeError("QuoteCertificationData", { kind });
  const last = from + littleEndian(bytes, pos + 2, 4);
  if (last !== end) throw new TeeError("QuoteLength", { had: end, needed: last });
  return from;
}

/** Some drivers fill the buffer of a quote up with zeros. */
function requireZeros(bytes: Uint8Array, from: number): void {
  for (let pos = from; pos < bytes.length; ++pos)
    if (byteAt(bytes, pos) !== 0) throw new TeeError("QuotePadding", { pos });
}

function requireBytes(had: number, needed: number): void {
  if (had < needed) throw new TeeError("QuoteLength", { had, needed });
}
