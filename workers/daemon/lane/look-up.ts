import { keccak256, Transaction } from "ethers";
import type { Logger } from "pino";

import { AssayError } from "../../../circuits/format/error.ts";
import { fromRpc } from "../../sdk/rpc-error.ts";
import type { Endpoint } from "../chain/endpoint.ts";
import { hexOf } from "../chain/job-struct.ts";
import type { Fact, Hex } from "../facts.ts";
import type { SendView } from "../job/job-view.ts";
import type { Journal } from "../journal/journal.ts";
import { failedItems } from "./batch.ts";
import { bumped, feesFor, moreUrgent, patience, urgencyOf } from "./fee-strategy.ts";
import { readGasMarket } from "./fees.ts";
import type { LaneState } from "./lane-state.ts";
import type { Outbox } from "./outbox.ts";
import type { SendTerms } from "./send-terms.ts";

export interface LookUpOptions {
  readonly endpoint: Endpoint;
  readonly journal: Journal;
  readonly outbox: Outbox;
  readonly state: () => LaneState;
  /** Milliseconds that bytes may wait before they get a sibling with a higher fee. */
  readonly replaceAfter: number;
  /** Wei per unit of gas that is never exceeded. */
  readonly maxFeePerGas: bigint;
  readonly maxTipPerGas: bigint;
  /** Chain time. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** Look-ups in a row that must find a nonce used and no receipt: nodes learn of receipts a moment later. */
const LOST_AFTER = 5;

/** Finds out what became of pending bytes, from the chain itself, and helps them on their way. */
export function createLookUp(options: LookUpOptions) {
  const { endpoint, journal, outbox, state, replaceAfter, maxFeePerGas, now, logger } = options;
  const { agreed } = endpoint;
  const missing = new Map<number, number>();

  /** True if one of the bytes is in a block, be it one that the follower has not read yet. */
  const findReceipt = async (subjects: readonly Hex[], { kind, nonce, bytes }: SendView): Promise<boolean> => {
    // What is read before the receipt must still hold when the fact is written, or a rewind may miss it.
    const [newest] = await journal.blocks(1);
    for (const { transactionHash } of bytes) {
      const receipt = await agreed("a receipt", (node) => node.getTransactionReceipt(transactionHash));
      if (receipt === null) continue;
      const { blockNumber, gasUsed, gasPrice } = receipt;
      if (newest === undefined || blockNumber > newest.number) return true;
      const blockHash = hexOf(receipt.blockHash);
      const failed = subjects.length > 1 ? failedItems(receipt) : new Set<number>();
      const minedFor = (ok: boolean): Fact => ({
        kind: "mined",
        nonce,
        transactionHash,
        ok,
        blockNumber,
        blockHash,
        gasUsed,
        // Nodes that do not tell the price have it as 0.
        ...(gasPrice > 0n && { effectiveGasPrice: gasPrice }),
      });
      const isOk = (index: number): boolean => receipt.status === 1 && !failed.has(index);
      const mined = subjects.map((job, index) => ({ job, fact: minedFor(isOk(index)) }));
      await outbox.writeEach(mined, newest);
      const details = {
        jobs: subjects,
        send: kind,
        nonce,
        ok: receipt.status === 1,
        gasUsed: Number(gasUsed),
        cost: String(gasUsed * gasPrice),
      };
      logger.info({ ...details, failedItems: failed.size }, "mined");
      return true;
    }
    return false;
  };

  const noteMissing = async (subjects: readonly Hex[], nonce: number): Promise<void> => {
    const times = (missing.get(nonce) ?? 0) + 1;
    missing.set(nonce, times);
    if (times < LOST_AFTER) return;
    missing.delete(nonce);
    logger.warn({ jobs: subjects, nonce }, "a nonce was used by a transaction that is not ours");
    await outbox.write(subjects, { kind: "lost", nonce });
  };

  /** The node does not know the bytes: the same ones again, unless they would fail now and no later nonce waits for them. */
  const sendAgain = async (subjects: readonly Hex[], { kind, nonce }: SendView, raw: Hex): Promise<void> => {
    const transaction = Transaction.from(raw);
    const isLast = Math.max(...state().pending) <= nonce;
    const failure = isLast ? await failureNow(kind, transaction) : undefined;
    const transactionHash = hexOf(keccak256(raw));
    if (failure === undefined) await outbox.broadcast(raw, { jobs: subjects, send: kind, nonce, again: true });
    else await outbox.write(subjects, { kind: "rejected", nonce, transactionHash, message: failure });
  };

  /** On another branch of the chain, or later, a call may revert, or take more gas than its transaction brings. */
  const failureNow = async (label: string, transaction: Transaction): Promise<string | undefined> => {
    const { to, data, value, gasLimit } = transaction;
    if (to === null) return undefined;
    try {
      const gas = await outbox.simulate({ label, to, data, value });
      return gas > gasLimit ? `it takes ${gas} gas now, and brings ${gasLimit}` : undefined;
    } catch (error) {
      const failure = error instanceof AssayError ? error : fromRpc(error, label);
      if (failure.code === "RPC_UNREACHABLE") throw failure;
      return failure.message;
    }
  };

  const replace = async (
    subjects: readonly Hex[],
    { kind, nonce }: SendView,
    raw: Hex,
    terms: SendTerms,
  ): Promise<void> => {
    const before = Transaction.from(raw);
    const had = { max: before.maxFeePerGas ?? before.gasPrice ?? 0n, priority: before.maxPriorityFeePerGas };
    const market = await readGasMarket(endpoint);
    // What nobody took calls for more, within what the job can pay. The jobs of a batch bear it in equal parts.
    const present = feesFor(market, moreUrgent(urgencyOf(terms, now())), options);
    const bearable = terms.most === null ? maxFeePerGas : (terms.most * BigInt(subjects.length)) / before.gasLimit;
    const fees = bumped(had, present, bearable < maxFeePerGas ? bearable : maxFeePerGas);
    outbox.startAge(nonce);
    if (fees === null || before.to === null) {
      const details = { jobs: subjects, nonce, fee: had.max.toString() };
      logger.warn(details, "a transaction waits at the highest fee allowed");
      return;
    }
    const { to, data, value, gasLimit } = before;
    const sibling = await outbox.sign({ subjects, kind, nonce, gasLimit, fees, call: { to, data, value } });
    await outbox.broadcast(sibling, { jobs: subjects, send: kind, nonce, replaces: before.hash });
  };

  return async (subject: Hex, pending: SendView, terms: SendTerms): Promise<void> => {
    const { nonce, bytes, batch } = pending;
    const subjects = batch.length === 0 ? [subject] : batch;
    // The first job of a batch finds out for all.
    if (subjects[0] !== subject || (await findReceipt(subjects, pending))) return;
    if ((await outbox.minedCount()) > nonce) {
      await noteMissing(subjects, nonce);
      return;
    }
    missing.delete(nonce);
    const newest = bytes.at(-1);
    if (newest === undefined) return;
    // An older sibling may wait while the node refused the newest: then the nonce is not free, whatever a simulation says.
    const isKnown = await agreed("a transaction", async (node) => {
      const found = await Promise.all(bytes.map(({ transactionHash }) => node.getTransaction(transactionHash)));
      return found.some((one) => one !== null);
    });
    if (!isKnown) return sendAgain(subjects, pending, newest.raw);
    if (outbox.ageOf(nonce) > patience(terms, now(), replaceAfter)) await replace(subjects, pending, newest.raw, terms);
  };
}
