import { getAddress } from "ethers";
import { z } from "zod";

import { LEVELS } from "../level.ts";
import type { Receipt } from "../receipts/receipt.ts";

/** The forms of what goes to a gateway and comes back: the gateway validates by them, and so does whoever asks it. */
const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/, "must be an address");
const hex32 = z.string().regex(/^0x[0-9a-fA-F]{64}$/, "must be 32 bytes of hexadecimal after 0x");
const hex = z.string().regex(/^0x([0-9a-fA-F]{2})*$/, "must be hexadecimal after 0x");
const integer = z.string().regex(/^(0|[1-9]\d{0,77})$/, "must be decimal digits");
const level = z.enum(LEVELS);

export const inferRequest = z.strictObject({
  versionId: hex32,
  level,
  /** Packed tensors, or the commitment of a version with private inputs: what a job's input would be. */
  input: hex,
  /** Whom the receipt names: who gets a share if the answer is not shown to be right. Who pays when left out. */
  requester: address.optional(),
  /**
   * Evidence for the market's `verify` in a transaction of this caller, with a nonce of its choice, until the deadline in Unix
   * seconds. When left out, evidence is for the receipt.
   */
  call: z
    .strictObject({
      caller: address,
      nonce: integer,
      deadline: z
        .int()
        .nonnegative()
        .max(2 ** 40 - 1),
    })
    .optional(),
});
export type InferRequest = z.infer<typeof inferRequest>;

export const receiptJson = z.strictObject({
  versionId: hex32,
  inputHash: hex32,
  outputHash: hex32,
  requester: address,
  worker: address,
  answeredAt: z.int().nonnegative(),
  nonce: integer,
});

export const inferAnswer = z.strictObject({
  /** Under which the gateway keeps the answer; who knows it may ask for the answer again. */
  id: z.string(),
  level,
  receipt: receiptJson,
  /** By the worker's key over the receipt. */
  signature: hex,
  /** Packed, as it would be on chain. */
  output: hex,
  executor: z.enum(["reference", "onnx-runtime"]),
  /** Null at Vanilla. */
  evidence: z.strictObject({ binds: z.enum(["receipt", "call"]), bytes: hex }).nullable(),
});
export type InferAnswer = z.infer<typeof inferAnswer>;

/** What every refusal is. */
export const refusal = z.object({
  code: z.string(),
  message: z.string(),
  retryable: z.boolean().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});

/** The receipt of an answer, as the contract of anchors takes it. */
export function receiptOf({ receipt }: Pick<InferAnswer, "receipt">): Receipt {
  const { answeredAt, nonce, requester, worker, ...hashes } = receipt;
  return {
    ...hashes,
    requester: getAddress(requester),
    worker: getAddress(worker),
    answeredAt: BigInt(answeredAt),
    nonce: BigInt(nonce),
  };
}
