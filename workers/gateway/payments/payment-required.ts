import { PaymentPayloadV2Schema } from "@x402/core/schemas";
import type { PaymentPayload, PaymentRequired, PaymentRequirements } from "@x402/core/types";

import { decodeHeader } from "../../sdk/gateway/header.ts";
import { GatewayError } from "../gateway-error.ts";
import type { Offer } from "../offers.ts";
import type { Till } from "./till.ts";

/** What can be paid for an answer, as x402 tells it. */
export function paymentRequired(
  tills: readonly Till[],
  offer: Offer,
  { url, error }: { readonly url: string; readonly error: string },
): PaymentRequired {
  return {
    x402Version: 2,
    error,
    resource: {
      url,
      description: `${offer.manifest.name} at ${offer.level}`,
      mimeType: "application/json",
    },
    accepts: tills.map((till) => till.requirements(offer)).filter((each) => each !== null),
  };
}

/** A payment as it came, and what it is for. */
export interface OfferedPayment {
  readonly till: Till;
  readonly payload: PaymentPayload["payload"];
  readonly requirements: PaymentRequirements;
}

/** Reads the header of a payment. Throws `PAYMENT_MALFORMED`, and `PAYMENT_NOT_ACCEPTED` for what is not asked here. */
export function readPayment(tills: readonly Till[], offer: Offer, header: string): OfferedPayment {
  const parsed = PaymentPayloadV2Schema.safeParse(decodeHeader(header));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "(root)"}: ${message}`);
    throw new GatewayError(
      "PAYMENT_MALFORMED",
      `the payment is no base64 of a payload of x402, version 2:\n${problems.join("\n")}`,
      { details: { problems } },
    );
  }
  const { accepted, payload } = parsed.data;
  const till = tills.find(({ scheme }) => scheme === accepted.scheme);
  const requirements = till?.requirements(offer) ?? null;
  if (till === undefined || requirements === null)
    throw new GatewayError("PAYMENT_NOT_ACCEPTED", `${accepted.scheme} is no way to pay for this answer here`);
  const differing = (["network", "amount", "asset", "payTo"] as const).filter(
    (name) => accepted[name].toLowerCase() !== requirements[name].toLowerCase(),
  );
  if (differing.length > 0)
    throw new GatewayError(
      "PAYMENT_NOT_ACCEPTED",
      `the payment was made for other terms: ${differing.map((name) => `${name} is ${requirements[name]}`).join(", ")}`,
      { details: { differing } },
    );
  return { till, payload, requirements };
}
