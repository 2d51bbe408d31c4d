import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";

import { byteAt, fromLatin1, hex } from "../bytes.ts";
import type { Report, SgxReport } from "./report.ts";

const SGX_TAG = tag("assay.measurement.sgx");
const TDX_TAG = tag("assay.measurement.tdx");
const SGX_DEBUG = 0x02;

/**
 * One hash for the code that runs and its configuration, as the contracts make it (contracts/tee/dcap/ReportBody.sol).
 * Left out is what differs between good machines or from start to start: versions of CPU and TDX module, the CPU's
 * features of SGX, and report data.
 */
export function measurementOf(report: Report): string {
  const parts =
    report.kind === "sgx"
      ? [
          SGX_TAG,
          report.mrEnclave,
          report.mrSigner,
          report.isvExtProdId,
          report.isvFamilyId,
          report.configId,
          // ISVPRODID, ISVSVN, CONFIGSVN
          report.bytes.subarray(256, 262),
          report.attributes.subarray(0, 8),
        ]
      : [
          TDX_TAG,
          // TD attributes, XFAM, MRTD, MRCONFIGID, MROWNER, MROWNERCONFIG, RTMR0 to RTMR3
          report.bytes.subarray(120, 520),
          report.mrServiceTd ?? new Uint8Array(48),
        ];
  return hex(keccak_256(concatBytes(...parts)));
}

/** True if the code can be read and changed from outside. */
export function isDebug(report: Report): boolean {
  if (report.kind === "sgx") return isSgxDebug(report);
  // The lowest byte of the TD attributes is the group "TD under debug".
  return byteAt(report.tdAttributes, 0) !== 0;
}

export function isSgxDebug({ attributes }: SgxReport): boolean {
  return (byteAt(attributes, 0) & SGX_DEBUG) !== 0;
}

function tag(text: string): Uint8Array {
  const bytes = new Uint8Array(32);
  bytes.set(fromLatin1(text));
  return bytes;
}
