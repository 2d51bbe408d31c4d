import { HTTPFacilitatorClient } from "@x402/core/server";
import type { PaymentPayload, PaymentRequirements } from "@x402/core/types";

import { GatewayError } from "../gateway-error.ts";
import type { Settlement } from "../ledger/rows.ts";

/** A service that verifies payments of x402 and has them sent. It is trusted for both. */
export interface Facilitator {
  verify(payload: PaymentPayload["payload"], requirements: PaymentRequirements): Promise<void>;
  settle(payload: PaymentPayload["payload"], requirements: PaymentRequirements): Promise<Settlement>;
}

export function httpFacilitator(url: string): Facilitator {
  const client = new HTTPFacilitatorClient({ url });
  return {
    async verify(payload, requirements) {
      const { isValid, invalidReason } = await reaching(url, () =>
        client.verify({ x402Version: 2, accepted: requirements, payload }, requirements),
      );
      if (!isValid)
        throw new GatewayError(
          "AUTHORIZATION_INVALID",
          `the facilitator refuses the payment: ${invalidReason ?? "no reason given"}`,
        );
    },
    async settle(payload, requirements) {
      const settled = await reaching(url, () =>
        client.settle({ x402Version: 2, accepted: requirements, payload }, requirements),
      );
      if (settled.success) return { ...settled };
      throw new GatewayError(
        "SETTLEMENT_FAILED",
        `the facilitator could not settle: ${settled.errorReason ?? "no reason given"}`,
      );
    },
  };
}

async function reaching<T>(url: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw new GatewayError("SETTLEMENT_FAILED", `the facilitator at ${url} does not answer as it should`, {
      retryable: true,
      cause,
    });
  }
}
