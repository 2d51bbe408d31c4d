import { sha256 } from "@noble/hashes/sha2.js";

import { sign, type Signer } from "./authority.ts";

/** Those of Intel's quoting enclaves. */
export const MR_SIGNERS = {
  sgx: "8c4f5775d796503e96137f77c68a829a0056ac8ded70140b081b094490c57bff",
  tdx: "dc9e2a7c6f948f17474e34a7fc43ed030f7c1563f1babddf6340c82e0e54a8c5",
};
const INTEL_QE_VENDOR = "939a7233f79c4ca9940a0db3957f0607";

export type Form = "sgx-v3" | "sgx-v4" | "sgx-v5" | "td10-v4" | "td10-v5" | "td15-v5";
export const FORMS: readonly Form[] = ["sgx-v3", "sgx-v4", "sgx-v5", "td10-v4", "td10-v5", "td15-v5"];

/** Bytes to put at offsets of a part. */
export type Patch = Readonly<Record<number, Uint8Array>>;

export interface QuoteSpec {
  readonly form: Form;
  readonly chain: Uint8Array;
  readonly header?: Patch;
  readonly body?: Patch;
  readonly qeReport?: Patch;
  readonly authData?: Uint8Array;
  readonly pck: Signer;
  readonly attestation: Signer;
  /** Other signatures than those that the keys make. */
  readonly signature?: (valid: Uint8Array) => Uint8Array;
  readonly qeSignature?: (valid: Uint8Array) => Uint8Array;
}

/** A quote as hardware would make it, signed all the way. */
export function quote(spec: QuoteSpec): Buffer {
  const { form, chain, pck, attestation, authData = Buffer.alloc(32, 7) } = spec;
  const version = Number(form.at(-1));
  const isTdx = !form.startsWith("sgx");
  const signed = Buffer.concat([headerOf(version, isTdx, spec.header), descriptor(form), bodyOf(form, spec.body)]);

  const bound = sha256(Buffer.concat([attestation.point, authData]));
  const qeReport = patched(qeReportOf(isTdx, bound), spec.qeReport);
  const qeSignature = sign(qeReport, pck);
  const certified = Buffer.concat([
    qeReport,
    spec.qeSignature?.(qeSignature) ?? qeSignature,
    uint16(authData.length),
    authData,
    certificationData(5, chain),
  ]);

  const signature = sign(signed, attestation);
  const rest = Buffer.concat([
    spec.signature?.(signature) ?? signature,
    attestation.point,
    version > 3 ? certificationData(6, certified) : certified,
  ]);
  return Buffer.concat([signed, uint32(rest.length), rest]);
}

/** Offset of the report data in a body. */
export const reportDataAt = (form: Form) => (form.startsWith("sgx") ? 320 : 520);
/** Offset of the body in a quote. */
export const bodyAt = (form: Form) => (form.endsWith("5") ? 54 : 48);
const bodyBytes = (form: Form) => (form.startsWith("sgx") ? 384 : form.startsWith("td10") ? 584 : 648);

function headerOf(version: number, isTdx: boolean, patch: Patch = {}): Buffer {
  const header = Buffer.alloc(48);
  header.writeUInt16LE(version, 0);
  header.writeUInt16LE(2, 2);
  header.writeUInt32LE(isTdx ? 0x81 : 0, 4);
  header.write(INTEL_QE_VENDOR, 12, "hex");
  return patched(header, patch);
}

function descriptor(form: Form): Buffer {
  if (!form.endsWith("5")) return Buffer.alloc(0);
  const kind = form.startsWith("sgx") ? 1 : form.startsWith("td10") ? 2 : 3;
  return Buffer.concat([uint16(kind), uint32(bodyBytes(form))]);
}

/** Every byte of the body is another where nothing else is asked, so that a field read from a wrong place shows. */
function bodyOf(form: Form, patch: Patch = {}): Buffer {
  const body = Buffer.from(Array.from({ length: bodyBytes(form) }, (_, i) => (i * 7 + 1) % 251));
  if (form.startsWith("sgx")) {
    // Attributes: initialized, 64 bits.
    body.write("0500000000000000e700000000000000", 48, "hex");
    return patched(body, patch);
  }
  body.write("04010700000000000000000000000000", 0, "hex");
  // The module's signer and attributes are zero with Intel's own; the TD's attributes have no debug bit.
  body.fill(0, 64, 120);
  body.write("0000001000000000e702060000000000", 120, "hex");
  return patched(body, patch);
}

function qeReportOf(isTdx: boolean, bound: Uint8Array): Buffer {
  const report = Buffer.alloc(384);
  report.write("1500000000000000e700000000000000", 48, "hex");
  report.write(isTdx ? MR_SIGNERS.tdx : MR_SIGNERS.sgx, 128, "hex");
  report.writeUInt16LE(isTdx ? 2 : 1, 256);
  report.writeUInt16LE(6, 258);
  report.set(bound, 320);
  return report;
}

function certificationData(kind: number, data: Uint8Array): Buffer {
  return Buffer.concat([uint16(kind), uint32(data.length), data]);
}

function patched(bytes: Buffer, patch: Patch = {}): Buffer {
  for (const [offset, value] of Object.entries(patch)) bytes.set(value, Number(offset));
  return bytes;
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
