/**
 * The ledger: one SQLite file with every answer that a gateway gave and the vouchers that it holds.
 *
 * - **record**: an answer and what it was paid with, in one transaction, on the disk when the call returns. No answer
 *   leaves before it is recorded.
 * - **total** of a channel: the highest voucher that is held. **spent**: what answers of that channel cost. A payer may be
 *   ahead (`total` above `spent`), never behind.
 * - **due**: a payment that must be settled before its answer leaves. **settlement**: how it was.
 * - **batch**: receipts under one Merkle root, fixed before the root is sent, so that a crash in between anchors the same.
 */
import type { InferAnswer } from "../../sdk/gateway/answer-schema.ts";
import type { Channel } from "../../sdk/channels/voucher.ts";
import { GatewayError } from "../gateway-error.ts";
import { type LedgerIdentity, openLedgerFile } from "./open-file.ts";
import {
  type Batch,
  type HeldVoucher,
  type KeptAnswer,
  type Settlement,
  toAnswer,
  toBatch,
  toVoucher,
} from "./rows.ts";

export interface VoucherForAnswer {
  readonly channelId: string;
  readonly channel: Channel;
  readonly total: bigint;
  readonly signature: string;
  /** What the answer costs. */
  readonly price: bigint;
}

export interface NewAnswer {
  readonly answer: InferAnswer;
  readonly requestHash: string;
  readonly leaf: string;
  /** Packed, as hexadecimal. */
  readonly input: string;
  /** Names the payment; null for an answer that is free. */
  readonly payment: string | null;
  readonly voucher: VoucherForAnswer | null;
  readonly due: Settlement | null;
}

export interface Ledger {
  /** Durable on return. Throws `PAYMENT_USED` if that payment bought an answer before. */
  record(answer: NewAnswer): void;
  settled(id: string, settlement: Settlement): void;
  answer(id: string): KeptAnswer | undefined;
  answerPaidBy(payment: string): KeptAnswer | undefined;
  answerOfLeaf(leaf: string): KeptAnswer | undefined;
  voucher(channelId: string): HeldVoucher | undefined;
  /** Those of which the chain credited less than they are worth, as far as is known. */
  uncollected(): readonly HeldVoucher[];
  /** What the chain has credited of a channel in all. */
  collected(channelId: string, amount: bigint): void;
  /** Nothing more is to be had of it. */
  closed(channelId: string): void;
  /** Answers whose receipts are in no batch and may be: oldest first. */
  unanchored(limit: number): readonly KeptAnswer[];
  newBatch(root: string, ids: readonly string[]): Batch;
  anchored(batch: number, anchorId: bigint, openUntil: number): void;
  released(batch: number): void;
  /** Those that are not released. */
  openBatches(): readonly Batch[];
  batch(batch: number): Batch | undefined;
  /** In the order of the tree's leaves. */
  answersOf(batch: number): readonly KeptAnswer[];
  /** Deletes answers that were recorded before that and that no open batch has. Returns how many. */
  prune(before: number): number;
  close(): void;
}

const ANSWER = "SELECT id, recorded_at, request_hash, leaf, input, body, due, settlement, batch FROM answers";
const VOUCHER = "SELECT channel_id, channel, total, signature, spent, collected FROM vouchers";
const BATCH = "SELECT batch, root, anchor_id, open_until FROM batches";

export function openLedger(path: string, identity: LedgerIdentity, clock: () => number = Date.now): Ledger {
  const database = openLedgerFile(path, identity);
  const one = <T>(read: (row: Parameters<typeof toAnswer>[0]) => T, query: string, ...values: (string | number)[]) => {
    const row = database.prepare(query).get(...values);
    return row === undefined ? undefined : read(row);
  };
  const all = <T>(read: (row: Parameters<typeof toAnswer>[0]) => T, query: string, ...values: (string | number)[]) =>
    database
      .prepare(query)
      .all(...values)
      .map(read);
  const inOne = <T>(body: () => T): T => {
    if (!database.isOpen) throw new GatewayError("GATEWAY_STOPPING", "the gateway is stopping", { retryable: true });
    database.exec("BEGIN IMMEDIATE");
    try {
      const result = body();
      database.exec("COMMIT");
      return result;
    } catch (error) {
      database.exec("ROLLBACK");
      throw error;
    }
  };
  const voucher = (channelId: string) => one(toVoucher, `${VOUCHER} WHERE channel_id = ?`, channelId);

  const keepVoucher = ({ channelId, channel, total, signature, price }: VoucherForAnswer): void => {
    const held = voucher(channelId);
    const spent = (held?.spent ?? 0n) + price;
    const newest = held !== undefined && held.total > total ? held : { total, signature };
    database
      .prepare(
        "INSERT INTO vouchers (channel_id, channel, total, signature, spent, collected) VALUES (?, ?, ?, ?, ?, '0') ON CONFLICT DO UPDATE SET total = excluded.total, signature = excluded.signature, spent = excluded.spent",
      )
      .run(channelId, JSON.stringify(channel), String(newest.total), newest.signature, String(spent));
  };

  return {
    record({ answer, requestHash, leaf, input, payment, voucher: paidBy, due }) {
      inOne(() => {
        if (payment !== null && one(toAnswer, `${ANSWER} WHERE payment = ?`, payment) !== undefined)
          throw new GatewayError("PAYMENT_USED", "this payment bought another answer");
        database
          .prepare(
            "INSERT INTO answers (id, recorded_at, payment, request_hash, leaf, input, body, due) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          )
          .run(
            answer.id,
            clock(),
            payment,
            requestHash,
            leaf,
            input,
            JSON.stringify(answer),
            due && JSON.stringify(due),
          );
        if (paidBy !== null) keepVoucher(paidBy);
      });
    },
    settled(id, settlement) {
      inOne(() =>
        database.prepare("UPDATE answers SET settlement = ? WHERE id = ?").run(JSON.stringify(settlement), id),
      );
    },
    answer: (id) => one(toAnswer, `${ANSWER} WHERE id = ?`, id),
    answerPaidBy: (payment) => one(toAnswer, `${ANSWER} WHERE payment = ?`, payment),
    answerOfLeaf: (leaf) => one(toAnswer, `${ANSWER} WHERE leaf = ?`, leaf),
    voucher,
    uncollected: () => all(toVoucher, `${VOUCHER} WHERE collected <> total AND closed = 0 ORDER BY channel_id`),
    collected(channelId, amount) {
      inOne(() =>
        database.prepare("UPDATE vouchers SET collected = ? WHERE channel_id = ?").run(String(amount), channelId),
      );
    },
    closed(channelId) {
      inOne(() => database.prepare("UPDATE vouchers SET closed = 1 WHERE channel_id = ?").run(channelId));
    },
    unanchored: (limit) =>
      all(
        toAnswer,
        `${ANSWER} WHERE batch IS NULL AND (due IS NULL OR settlement IS NOT NULL) ORDER BY sequence LIMIT ?`,
        limit,
      ),
    newBatch: (root, ids) =>
      inOne(() => {
        const { lastInsertRowid } = database
          .prepare("INSERT INTO batches (root, count) VALUES (?, ?)")
          .run(root, ids.length);
        const add = database.prepare("UPDATE answers SET batch = ? WHERE id = ?");
        for (const id of ids) add.run(lastInsertRowid, id);
        return { batch: Number(lastInsertRowid), root, anchorId: null, openUntil: null };
      }),
    anchored(batch, anchorId, openUntil) {
      inOne(() =>
        database
          .prepare("UPDATE batches SET anchor_id = ?, open_until = ? WHERE batch = ?")
          .run(String(anchorId), openUntil, batch),
      );
    },
    released(batch) {
      inOne(() => database.prepare("UPDATE batches SET released = 1 WHERE batch = ?").run(batch));
    },
    openBatches: () => all(toBatch, `${BATCH} WHERE released = 0 ORDER BY batch`),
    batch: (batch) => one(toBatch, `${BATCH} WHERE batch = ?`, batch),
    answersOf: (batch) => all(toAnswer, `${ANSWER} WHERE batch = ? ORDER BY sequence`, batch),
    prune: (before) =>
      inOne(() =>
        Number(
          database
            .prepare(
              "DELETE FROM answers WHERE recorded_at < ? AND (batch IS NULL OR batch IN (SELECT batch FROM batches WHERE released = 1))",
            )
            .run(before).changes,
        ),
      ),
    close() {
      if (database.isOpen) database.close();
    },
  };
}
