import { sha384 } from "@noble/hashes/sha2.js";
import { concat, encodeBytes32String, getBytes, keccak256, toUtf8Bytes, zeroPadBytes } from "ethers";

import type { Patch } from "./quote.ts";

export const REPORT_DATA_BYTES = 64;

/** Offsets in the body of a TD: attributes and what follows is measured, 400 bytes up to the report data. */
const MEASURED_AT = 120;
const MEASURED_BYTES = 400;
const HASH_BYTES = 48;
const MRTD_AT = 16;
const RTMR_AT = 208;

/**
 * What hardware would measure of an image, as SHA-384 of its name: MRTD and RTMR0 to RTMR2. RTMR3, MRCONFIGID, MROWNER
 * and MROWNERCONFIG are zero, attributes and features those of a TD for production.
 */
function measuredBytes(image: string): Uint8Array {
  const bytes = new Uint8Array(MEASURED_BYTES);
  bytes.set(getBytes("0x0000001000000000e702060000000000"), 0);
  bytes.set(registerOf(image, "MRTD"), MRTD_AT);
  for (const i of [0, 1, 2]) bytes.set(registerOf(image, `RTMR${i}`), RTMR_AT + i * HASH_BYTES);
  return bytes;
}

const registerOf = (image: string, register: string) => sha384(toUtf8Bytes(`SIMULATED ${register} of ${image}`));

/** Where these bytes stand in the body of a TD. */
export const imageBody = (image: string): Patch => ({ [MEASURED_AT]: measuredBytes(image) });

/** The measurement of a simulated image, as the verifier on chain works it out of a quote. */
export function measurement(image: string): `0x${string}` {
  const tag = encodeBytes32String("assay.measurement.tdx");
  const serviceTd = zeroPadBytes("0x", HASH_BYTES);
  return `0x${keccak256(concat([tag, measuredBytes(image), serviceTd])).slice(2)}`;
}
