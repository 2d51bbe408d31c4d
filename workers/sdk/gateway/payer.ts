import type { PaymentPayload, PaymentRequired, PaymentRequirements } from "@x402/core/types";

/** What a gateway takes for an answer: one of these. */
export type AskedPayment = Pick<PaymentRequired, "accepts">;

/** Pays for answers of a gateway, in one way of those that it asks for. */
export interface Payer {
  /** A payment for one of what is asked for; undefined if this payer has none for any of it, or it is too dear. */
  pay(asked: AskedPayment): Promise<PaymentPayload | undefined>;
  /** What became of the last payment: `kept` if its answer came, `refused` with the gateway's code if not. */
  told(outcome: "kept" | { readonly refused: string }): void;
}

/** What is asked for in a scheme on a network, at most so much. */
export function findTerms(
  { accepts }: AskedPayment,
  { scheme, network, most }: { readonly scheme: string; readonly network: string; readonly most: bigint },
): PaymentRequirements | undefined {
  return accepts.find(
    (each) =>
      each.scheme === scheme &&
      each.network === network &&
      /^\d{1,78}$/.test(each.amount) &&
      BigInt(each.amount) <= most,
  );
}
