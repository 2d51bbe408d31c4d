import type { SQLOutputValue } from "node:sqlite";

import { z } from "zod";

import { inferAnswer } from "../../sdk/gateway/answer-schema.ts";
import { GatewayError } from "../gateway-error.ts";

/** What is in the columns that hold JSON, and how rows become values. */
const json = <T>(schema: z.ZodType<T>) =>
  z.string().transform((text, context): T => {
    const parsed = schema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
    context.addIssue({ code: "custom", message: parsed.error.message });
    return z.NEVER;
  });
const integer = z.string().transform(BigInt);

const settlement = z.record(z.string(), z.unknown());
/** How a payment was settled, as x402 tells it. */
export type Settlement = z.infer<typeof settlement>;

const keptAnswer = z
  .object({
    id: z.string(),
    recorded_at: z.number(),
    request_hash: z.string(),
    leaf: z.string(),
    input: z.string(),
    body: json(inferAnswer),
    due: json(settlement).nullable(),
    settlement: json(settlement).nullable(),
    batch: z.number().nullable(),
  })
  .transform(({ recorded_at: recordedAt, request_hash: requestHash, body: answer, ...rest }) => ({
    ...rest,
    recordedAt,
    requestHash,
    answer,
  }));
/** An answer as it was given, with what it takes to show that it is right. */
export type KeptAnswer = Readonly<z.infer<typeof keptAnswer>>;

const channel = z.object({ payer: z.string(), payee: z.string(), signer: z.string(), salt: z.string() });
const heldVoucher = z
  .object({
    channel_id: z.string(),
    channel: json(channel),
    total: integer,
    signature: z.string(),
    spent: integer,
    collected: integer,
  })
  .transform(({ channel_id: channelId, ...rest }) => ({ ...rest, channelId }));
/** The newest voucher of a channel. */
export type HeldVoucher = Readonly<z.infer<typeof heldVoucher>>;

const batch = z
  .object({
    batch: z.number(),
    root: z.string(),
    anchor_id: z.string().nullable(),
    open_until: z.number().nullable(),
  })
  .transform(({ anchor_id: anchorId, open_until: openUntil, ...rest }) => ({
    ...rest,
    anchorId: anchorId === null ? null : BigInt(anchorId),
    openUntil,
  }));
/** Receipts that are anchored together; `anchorId` is null until they are. */
export type Batch = Readonly<z.infer<typeof batch>>;

type Row = Record<string, SQLOutputValue>;
const reader =
  <T>(schema: z.ZodType<T>) =>
  (row: Row): T => {
    try {
      return schema.parse(row);
    } catch (cause) {
      throw new GatewayError("LEDGER_CORRUPT", "the ledger holds a row that is none of its own", { cause });
    }
  };
export const toAnswer = reader(keptAnswer);
export const toVoucher = reader(heldVoucher);
export const toBatch = reader(batch);
