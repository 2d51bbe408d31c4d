/**
 * The desk: from a request and its payment to an answer that is recorded.
 *
 * ```
 * request --checked--> payment taken --> queue --> answer made --> recorded with the payment --> [settled] --> given
 * ```
 * Whatever fails before it is recorded costs nobody anything. The same request with the same payment gets the same answer
 * again, so an answer that was lost on the way is fetched by asking again; with another request the payment is refused.
 */
import { getBytes, id as hashOf, ZeroAddress } from "ethers";
import pLimit from "p-limit";
import type { Logger } from "pino";

import type { InferAnswer, InferRequest } from "../../sdk/gateway/answer-schema.ts";
import { GatewayError } from "../gateway-error.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { KeptAnswer, Settlement } from "../ledger/rows.ts";
import { assertInput, assertPreimageHere, type Offer } from "../offers.ts";
import type { OfferedPayment } from "../payments/payment-required.ts";
import type { TakenPayment } from "../payments/till.ts";
import { type AnswerSources, makeAnswer, type Stage } from "./make-answer.ts";

export interface GivenAnswer {
  readonly answer: InferAnswer;
  /** How the payment was settled, if it had to be. */
  readonly settlement: Settlement | null;
}

export interface AnswerDesk {
  /**
   * Payment is null where none is needed. Throws what tills throw, `TENSOR_*`, `REQUEST_INVALID`, `INPUT_MISSING`, `PAYMENT_USED`,
   * `PAYMENT_IN_USE`, `GATEWAY_BUSY`, and what running a version and making evidence throw.
   */
  answer(
    request: InferRequest,
    offer: Offer,
    payment: OfferedPayment | null,
    tell?: (stage: Stage) => void,
  ): Promise<GivenAnswer>;
  /** Resolves when nothing is under way. */
  drain(): Promise<void>;
}

export interface AnswerDeskOptions extends AnswerSources {
  readonly ledger: Ledger;
  /** Answers that are made at once. */
  readonly concurrency: number;
  /** Answers that may wait for their turn. */
  readonly queue: number;
  readonly logger: Logger;
}

export function createAnswerDesk(options: AnswerDeskOptions): AnswerDesk {
  const { offMarket, ledger, concurrency, queue, logger } = options;
  const limit = pLimit(concurrency);
  const inUse = new Set<string>();
  const underWay = new Set<Promise<unknown>>();

  const settle = async ({ id, due, settlement, answer }: KeptAnswer, payment: OfferedPayment | null) => {
    if (due === null || settlement !== null || payment === null) return { answer, settlement };
    const settled = await payment.till.settle(payment.payload, payment.requirements);
    ledger.settled(id, settled);
    return { answer, settlement: settled };
  };

  const make = async (
    request: InferRequest,
    offer: Offer,
    payment: OfferedPayment | null,
    tell: (stage: Stage) => void,
  ): Promise<GivenAnswer> => {
    const input = getBytes(request.input);
    const requestHash = hashOf(JSON.stringify(request));
    const key = payment?.till.keyOf(payment.payload) ?? null;
    const before = key === null ? undefined : ledger.answerPaidBy(key);
    if (before !== undefined) {
      if (before.requestHash !== requestHash)
        throw new GatewayError("PAYMENT_USED", "this payment bought the answer to another request");
      return settle(before, payment);
    }
    assertInput(offer, input);
    await assertPreimageHere(offMarket, offer, input);
    if (limit.pendingCount >= queue)
      throw new GatewayError("GATEWAY_BUSY", `${queue} requests are waiting already`, { retryable: true });
    const taken = payment && (await payment.till.take(payment.payload, payment.requirements));
    try {
      const requester = request.requester ?? taken?.payer ?? ZeroAddress;
      tell("queued");
      const made = await limit(() => makeAnswer(options, { ...request, requester }, input, tell));
      const kept = keep(request, requestHash, made, taken);
      if (taken?.due) tell("settling");
      return await settle(kept, payment);
    } finally {
      taken?.release();
    }
  };

  const keep = (
    { input }: InferRequest,
    requestHash: string,
    { answer, leaf }: Awaited<ReturnType<typeof makeAnswer>>,
    taken: TakenPayment | null,
  ): KeptAnswer => {
    const { voucher = null, due = null, key = null } = taken ?? {};
    ledger.record({ answer, requestHash, leaf, input, payment: key, voucher, due });
    const { id, level, receipt } = answer;
    logger.info({ answer: id, version: receipt.versionId, level, payment: key }, "answered off the market");
    const kept = ledger.answer(id);
    if (kept === undefined) throw new GatewayError("LEDGER_CORRUPT", `answer ${id} was recorded and is not there`);
    return kept;
  };

  return {
    async answer(request, offer, payment, tell = () => undefined) {
      if (request.level === "Vanilla" && request.call !== undefined)
        throw new GatewayError("REQUEST_INVALID", "call: at Vanilla there is no evidence that a contract could verify");
      const key = payment?.till.keyOf(payment.payload);
      if (key !== undefined && inUse.has(key))
        throw new GatewayError("PAYMENT_IN_USE", "an answer for this payment is being made: ask again", {
          retryable: true,
        });
      if (key !== undefined) inUse.add(key);
      const making = make(request, offer, payment, tell);
      underWay.add(making);
      try {
        return await making;
      } finally {
        underWay.delete(making);
        if (key !== undefined) inUse.delete(key);
      }
    },
    async drain() {
      await Promise.allSettled([...underWay]);
    },
  };
}
