import type { JsonRpcProvider } from "ethers";
import { z } from "zod";

import type { Hex } from "../facts.ts";
import { hexOf } from "./job-struct.ts";

export interface Header {
  readonly number: number;
  readonly hash: Hex;
  readonly parentHash: Hex;
  /** Null on chains whose headers have none. */
  readonly logsBloom: Hex | null;
}

const hash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/i)
  .transform(hexOf);
const headerJson = z.object({
  number: z
    .string()
    .regex(/^0x[0-9a-f]+$/i)
    .transform(Number),
  hash,
  parentHash: hash,
  logsBloom: z
    .string()
    .regex(/^0x[0-9a-f]*$/i)
    .transform(hexOf)
    .nullish()
    .transform((bloom) => bloom ?? null),
});

/** A block's header; null if the node does not have the block. Throws zod's error for an answer that is no header of it. */
export async function readHeader(provider: JsonRpcProvider, number: number): Promise<Header | null> {
  const answer: unknown = await provider.send("eth_getBlockByNumber", [`0x${number.toString(16)}`, false]);
  return headerJson
    .refine((header) => header.number === number, `is not block ${number}`)
    .nullable()
    .parse(answer);
}
