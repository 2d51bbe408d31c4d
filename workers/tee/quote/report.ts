import { littleEndian } from "../bytes.ts";

export const SGX_BYTES = 384;
export const TD10_BYTES = 584;
export const TD15_BYTES = 648;

/** What an enclave of SGX is; a quoting enclave is one, too. Byte strings lie in the quote and must not be changed. */
export interface SgxReport {
  readonly kind: "sgx";
  readonly bytes: Uint8Array;
  readonly cpuSvn: Uint8Array;
  readonly miscSelect: Uint8Array;
  readonly isvExtProdId: Uint8Array;
  /** Flags (8) and XFRM (8). */
  readonly attributes: Uint8Array;
  readonly mrEnclave: Uint8Array;
  readonly mrSigner: Uint8Array;
  readonly configId: Uint8Array;
  readonly isvProdId: number;
  readonly isvSvn: number;
  readonly configSvn: number;
  readonly isvFamilyId: Uint8Array;
  readonly reportData: Uint8Array;
}

/** What a trust domain of TDX is. */
export interface TdReport {
  readonly kind: "td10" | "td15";
  readonly bytes: Uint8Array;
  /** The first two numbers are those of the TDX module, minor and major. */
  readonly teeTcbSvn: Uint8Array;
  readonly mrSeam: Uint8Array;
  readonly mrSignerSeam: Uint8Array;
  readonly seamAttributes: Uint8Array;
  readonly tdAttributes: Uint8Array;
  readonly xfam: Uint8Array;
  readonly mrTd: Uint8Array;
  readonly mrConfigId: Uint8Array;
  readonly mrOwner: Uint8Array;
  readonly mrOwnerConfig: Uint8Array;
  readonly rtmr0: Uint8Array;
  readonly rtmr1: Uint8Array;
  readonly rtmr2: Uint8Array;
  readonly rtmr3: Uint8Array;
  readonly reportData: Uint8Array;
  /** From TD 1.5 on. */
  readonly teeTcbSvn2: Uint8Array | null;
  readonly mrServiceTd: Uint8Array | null;
}

export type Report = SgxReport | TdReport;

export function sgxReport(bytes: Uint8Array): SgxReport {
  return {
    kind: "sgx",
    bytes,
    cpuSvn: bytes.subarray(0, 16),
    miscSelect: bytes.subarray(16, 20),
    isvExtProdId: bytes.subarray(32, 48),
    attributes: bytes.subarray(48, 64),
    mrEnclave: bytes.subarray(64, 96),
    mrSigner: bytes.subarray(128, 160),
    configId: bytes.subarray(192, 256),
    isvProdId: littleEndian(bytes, 256, 2),
    isvSvn: littleEndian(bytes, 258, 2),
    configSvn: littleEndian(bytes, 260, 2),
    isvFamilyId: bytes.subarray(304, 320),
    reportData: bytes.subarray(320, 384),
  };
}

export function tdReport(bytes: Uint8Array): TdReport {
  const is15 = bytes.length === TD15_BYTES;
  return {
    kind: is15 ? "td15" : "td10",
    bytes,
    teeTcbSvn: bytes.subarray(0, 16),
    mrSeam: bytes.subarray(16, 64),
    mrSignerSeam: bytes.subarray(64, 112),
    seamAttributes: bytes.subarray(112, 120),
    tdAttributes: bytes.subarray(120, 128),
    xfam: bytes.subarray(128, 136),
    mrTd: bytes.subarray(136, 184),
    mrConfigId: bytes.subarray(184, 232),
    mrOwner: bytes.subarray(232, 280),
    mrOwnerConfig: bytes.subarray(280, 328),
    rtmr0: bytes.subarray(328, 376),
    rtmr1: bytes.subarray(376, 424),
    rtmr2: bytes.subarray(424, 472),
    rtmr3: bytes.subarray(472, 520),
    reportData: bytes.subarray(520, 584),
    teeTcbSvn2: is15 ? bytes.subarray(584, 600) : null,
    mrServiceTd: is15 ? bytes.subarray(600, 648) : null,
  };
}
