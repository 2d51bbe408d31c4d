import type { PaymentPayload, PaymentRequirements } from "@x402/core/types";

import type { Settlement } from "../ledger/rows.ts";
import type { VoucherForAnswer } from "../ledger/ledger.ts";
import type { Offer } from "../offers.ts";

/** A payment that will do, held for one answer. */
export interface TakenPayment {
  /** Names the payment, and no other one. */
  readonly key: string;
  /** Who pays. */
  readonly payer: string;
  /** What the ledger keeps with the answer: the voucher, or what has to be settled before the answer leaves. */
  readonly voucher: VoucherForAnswer | null;
  readonly due: Settlement | null;
  /** To be called when the answer is recorded, or will never be. */
  release(): void;
}

/** One way to pay: a scheme of x402. */
export interface Till {
  readonly scheme: string;
  /** What is asked for an answer; null if it cannot be paid for in this way. */
  requirements(offer: Offer): PaymentRequirements | null;
  /** The payment's name, read without looking whether it is good. Throws `PAYMENT_MALFORMED`. */
  keyOf(payload: PaymentPayload["payload"]): string;
  /** Takes a payment if it is good, or throws why it is not. */
  take(payload: PaymentPayload["payload"], requirements: PaymentRequirements): Promise<TakenPayment>;
  /** Brings in what is due. Throws `SETTLEMENT_FAILED` if that cannot be had, or not any more. */
  settle(payload: PaymentPayload["payload"], requirements: PaymentRequirements): Promise<Settlement>;
}
