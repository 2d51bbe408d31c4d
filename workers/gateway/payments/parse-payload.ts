import type { z } from "zod";

import { problemsIn } from "../../../circuits/format/problems.ts";
import { GatewayError } from "../gateway-error.ts";

/** The payload of a scheme. Throws `PAYMENT_MALFORMED`, listing every problem. */
export function parsePayload<T>(schema: z.ZodType<T>, payload: unknown): T {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  const problems = problemsIn(parsed.error).map((problem) => `payload.${problem}`);
  throw new GatewayError("PAYMENT_MALFORMED", `the payment is not valid:\n${problems.join("\n")}`, {
    details: { problems },
  });
}
