import { concat, encodeBytes32String, getBytes, keccak256 } from "ethers";
import { z } from "zod";

import type { Pcrs } from "../eif/measure-eif.ts";
import { MeasureError } from "./measure-error.ts";

const TAG = encodeBytes32String("assay.measurement.nitro");

/** As the chain computes it: the tag, then PCR0, PCR1 and PCR2. */
export function nitroMeasurement({ pcr0, pcr1, pcr2 }: Pcrs): string {
  return keccak256(concat([TAG, pcr0, pcr1, pcr2]));
}

const pcr = z
  .string()
  .regex(/^(0x)?[0-9a-f]{96}$/i)
  .transform((text) => getBytes(`0x${text.replace(/^0x/, "")}`));
const pcrs = z.object({ PCR0: pcr, PCR1: pcr, PCR2: pcr });
const printed = z.union([pcrs, z.object({ Measurements: pcrs }).transform(({ Measurements }) => Measurements)]);

/** The registers as `nitro-cli build-enclave` and `describe-eif` print them. Throws `PCRS_INVALID`. */
export function parsePcrs(json: string): Pcrs {
  try {
    const { PCR0: pcr0, PCR1: pcr1, PCR2: pcr2 } = printed.parse(JSON.parse(json));
    return { pcr0, pcr1, pcr2 };
  } catch (cause) {
    throw new MeasureError("PCRS_INVALID", "there are no PCR0, PCR1 and PCR2 as nitro-cli prints them", { cause });
  }
}
