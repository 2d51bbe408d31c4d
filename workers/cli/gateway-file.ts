import { z } from "zod";

import { address, amount, hex32, level } from "./settings/forms.ts";

/** The member `gateway` of a worker's configuration. */
export const gatewayFile = z.strictObject({
  host: z.string().min(1).default("127.0.0.1"),
  port: z.int().min(0).max(65_535),
  /** Prices in whole coins of the deployment's currency, and in the smallest unit of x402's token. */
  offers: z
    .array(
      z.strictObject({
        versionId: hex32,
        level,
        price: amount,
        tokenPrice: z
          .string()
          .regex(/^\d{1,38}$/, "must be a whole number")
          .optional(),
      }),
    )
    .min(1),
  /** Whom channels pay: an address of this gateway alone (default: the worker's key). */
  payee: address.optional(),
  /** Where /v1/infer is for the world. */
  publicUrl: z.url().optional(),
  /** A token with EIP-3009 that answers can be paid in. */
  x402: z
    .strictObject({
      asset: address,
      name: z.string().min(1),
      version: z.string().min(1),
      payTo: address.optional(),
      facilitator: z.url().optional(),
    })
    .optional(),
  /** SHA-256 of keys whose holders need not pay. */
  apiKeys: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        sha256: z.string().regex(/^[0-9a-fA-F]{64}$/, "must be 64 hexadecimal digits"),
      }),
    )
    .default([]),
  /** Requests of one address or API key, in a window of seconds. */
  rate: z.strictObject({ max: z.int().positive(), seconds: z.int().positive() }).default({ max: 120, seconds: 60 }),
  /** Behind a proxy of one's own: believe what it says of addresses. */
  trustProxy: z.boolean().default(false),
  mostBytes: z.int().positive().default(4_194_304),
  concurrency: z.int().positive().default(2),
  queue: z.int().nonnegative().default(32),
  /** Seconds between collecting vouchers and looking after anchors. */
  every: z.int().positive().default(600),
  /** Whole coins that collecting a voucher must bring in. */
  collectLeast: amount.prefault("0"),
  /** Receipts that make an anchor (default: none are anchored). */
  anchorLeast: z.int().positive().optional(),
});
export type GatewayFile = z.infer<typeof gatewayFile>;
