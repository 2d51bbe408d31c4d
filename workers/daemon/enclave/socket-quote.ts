import { getBytes } from "ethers";
import { z } from "zod";

import { QuoteError, requireQuote } from "./quote-provider.ts";
import type { SocketAnswer } from "./unix-socket.ts";

const refusal = z.object({ error: z.string() });
const hexadecimal = z
  .string()
  .regex(/^(0x)?([0-9a-fA-F]{2})*$/)
  .transform((text) => getBytes(`0x${text.replace(/^0x/, "")}`));

/**
 * The bytes under a name in a server's answer. Servers say in the body what went wrong, some with the status of success.
 * Throws `QUOTE_REFUSED` and `QUOTE_INVALID`.
 */
export function quoteIn({ status, json }: SocketAnswer, name: string, from: string): Uint8Array {
  const refused = refusal.safeParse(json);
  if (refused.success || status !== 200) {
    const reason = refused.success ? refused.data.error : `status ${status}`;
    throw new QuoteError("QUOTE_REFUSED", `${from} makes no quote: ${reason}`, { details: { status } });
  }
  const answered = z.object({ [name]: hexadecimal }).safeParse(json);
  const quote = answered.data?.[name];
  if (quote === undefined) throw new QuoteError("QUOTE_INVALID", `${from} answers without "${name}" in hexadecimal`);
  return requireQuote(quote, from);
}
