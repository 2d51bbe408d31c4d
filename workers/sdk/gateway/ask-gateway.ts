import { PaymentRequiredV2Schema } from "@x402/core/schemas";

import { SdkError } from "../errors.ts";
import { type InferAnswer, inferAnswer, type InferRequest, refusal } from "./answer-schema.ts";
import { decodeHeader, encodeHeader, PAYMENT_REQUIRED, PAYMENT_SIGNATURE } from "./header.ts";
import type { AskedPayment, Payer } from "./payer.ts";

export interface AskOptions {
  readonly url: string;
  readonly payer?: Payer | undefined;
  readonly apiKey?: string | undefined;
  /** Milliseconds for the whole answer, proofs included. */
  readonly timeout: number;
}

/**
 * Posts a request to a gateway, and pays if it asks for that. Throws `PAYMENT_NEEDED` if nothing here pays for it,
 * `GATEWAY_REFUSED` (retryable as the gateway says) and `GATEWAY_UNREACHABLE` (retryable).
 */
export async function askGateway(request: InferRequest, options: AskOptions): Promise<InferAnswer> {
  const { payer } = options;
  const unpaid = await post(request, options, {});
  if (unpaid.status !== 402) return answerIn(unpaid);
  let response = unpaid;
  // What was held back as spent is found out by the first attempt.
  for (const attempt of [1, 2]) {
    const payment = payer && (await payer.pay(termsIn(response)));
    if (payment === undefined) throw needsPayment(response);
    response = await post(request, options, { [PAYMENT_SIGNATURE]: encodeHeader(payment) });
    payer?.told(response.status === 200 ? "kept" : { refused: codeIn(response) });
    if (attempt === 2 || codeIn(response) !== "VOUCHER_SPENT") break;
  }
  return answerIn(response);
}

interface Answered {
  readonly status: number;
  readonly terms: string | null;
  readonly body: unknown;
}

async function post(request: InferRequest, options: AskOptions, headers: Record<string, string>): Promise<Answered> {
  const { url, apiKey, timeout } = options;
  const target = new URL("v1/infer", url.endsWith("/") ? url : `${url}/`);
  try {
    const response = await fetch(target, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...headers,
        ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
      },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(timeout),
    });
    const terms = response.headers.get(PAYMENT_REQUIRED);
    return { status: response.status, terms, body: await response.json().catch(() => undefined) };
  } catch (cause) {
    throw new SdkError("GATEWAY_UNREACHABLE", `the gateway at ${url} does not answer`, {
      retryable: true,
      details: { url },
      cause,
    });
  }
}

function answerIn({ status, body }: Answered): InferAnswer {
  const answer = inferAnswer.safeParse(body);
  if (status === 200 && answer.success) return answer.data;
  const { data } = refusal.safeParse(body);
  throw new SdkError(
    "GATEWAY_REFUSED",
    `the gateway refuses with ${status}: ${data?.message ?? "what it says is no answer"}`,
    {
      retryable: data?.retryable ?? status >= 500,
      details: { status, code: data?.code, ...data?.details },
    },
  );
}

function codeIn({ body }: Answered): string {
  return refusal.safeParse(body).data?.code ?? "";
}

function termsIn({ terms }: Answered): AskedPayment {
  const parsed = PaymentRequiredV2Schema.safeParse(terms === null ? undefined : decodeHeader(terms));
  if (!parsed.success)
    throw new SdkError("GATEWAY_REFUSED", "the gateway asks for a payment and does not say which", {
      details: { terms },
    });
  return {
    accepts: parsed.data.accepts.flatMap(({ network, extra, ...each }) =>
      isNetwork(network) ? [{ ...each, network, extra: extra ?? {} }] : [],
    ),
  };
}

function isNetwork(text: string): text is `${string}:${string}` {
  return text.includes(":");
}

function needsPayment(response: Answered): SdkError {
  const asked = termsIn(response).accepts.map(({ scheme, network, amount, asset }) => ({
    scheme,
    network,
    amount,
    asset,
  }));
  return new SdkError("PAYMENT_NEEDED", "the gateway asks for a payment that no payer of this request makes", {
    details: { asked },
  });
}
