import { sha384 } from "@noble/hashes/sha2.js";
import { getBytes, toUtf8Bytes } from "ethers";

import { registerNames, tdxMeasurement, type TdxRegisters } from "../measure/tdx-measurement.ts";
import type { Patch } from "./quote.ts";

/** Where the registers begin in the body of a TD: all but the last of them follow each other from there. */
const REGISTERS_AT = 120;

const simulated = (register: string, image: string) => sha384(toUtf8Bytes(`SIMULATED ${register} of ${image}`));

/**
 * What hardware would measure of an image: hashes of its name in MRTD and RTMR0 to RTMR2, zeros in all other registers,
 * and attributes and features of a TD in production.
 */
export function imageRegisters(image: string): Omit<TdxRegisters, "mrServiceTd"> {
  const none = new Uint8Array(48);
  return {
    tdAttributes: getBytes("0x0000001000000000"),
    xfam: getBytes("0xe702060000000000"),
    mrtd: simulated("MRTD", image),
    mrConfigId: none,
    mrOwner: none,
    mrOwnerConfig: none,
    rtmr0: simulated("RTMR0", image),
    rtmr1: simulated("RTMR1", image),
    rtmr2: simulated("RTMR2", image),
    rtmr3: none,
  };
}

/** The registers where they stand in the body of a TD 1.0. */
export function imageBody(image: string): Patch {
  const registers: Partial<TdxRegisters> = imageRegisters(image);
  return { [REGISTERS_AT]: Buffer.concat(registerNames().map((name) => registers[name] ?? new Uint8Array())) };
}

/** The measurement of a simulated image, as the verifier on chain works it out of a quote. */
export function measurement(image: string): `0x${string}` {
  return `0x${tdxMeasurement(imageRegisters(image)).slice(2)}`;
}
