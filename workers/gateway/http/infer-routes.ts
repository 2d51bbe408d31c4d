import type { FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "pino";

import { AssayError } from "../../../circuits/format/error.ts";
import {
  type InferAnswer,
  inferAnswer,
  type InferRequest,
  inferRequest,
  refusal,
} from "../../sdk/gateway/answer-schema.ts";
import { encodeHeader, PAYMENT_REQUIRED, PAYMENT_RESPONSE, PAYMENT_SIGNATURE } from "../../sdk/gateway/header.ts";
import type { AnswerDesk } from "../answers/answer-desk.ts";
import type { ApiKeys } from "../api-keys.ts";
import { GatewayError, statusOf } from "../gateway-error.ts";
import type { Offer, Offers } from "../offers.ts";
import { type OfferedPayment, paymentRequired, readPayment } from "../payments/payment-required.ts";
import type { Till } from "../payments/till.ts";
import { type EventStream, openEventStream, wantsEvents } from "./event-stream.ts";
import type { Server } from "./open-server.ts";
import { refusalOf } from "./refusals.ts";

export interface InferRoutesOptions {
  readonly desk: AnswerDesk;
  readonly offers: Offers;
  readonly tills: readonly Till[];
  readonly keys: ApiKeys;
  /** Where this route is for the world, as 402 tells it; undefined: as it was asked. */
  readonly publicUrl: string | undefined;
  readonly logger: Logger;
}

/** `POST /v1/infer`: an answer for a payment; as server-sent events for who accepts `text/event-stream`. */
export function addInferRoutes(server: Server, options: InferRoutesOptions): void {
  const { desk, offers, tills, keys, publicUrl, logger } = options;

  /** What the request is paid with; null if it need not be. */
  const paymentOf = ({ headers }: FastifyRequest, offer: Offer): OfferedPayment | null => {
    const { authorization, [PAYMENT_SIGNATURE]: header } = headers;
    if (authorization !== undefined) {
      const name = keys.nameOf(authorization);
      if (name === undefined) throw new GatewayError("KEY_UNKNOWN", "the API key is none of this gateway's");
      logger.debug({ key: name }, "asked with an API key");
      return null;
    }
    if (typeof header === "string") return readPayment(tills, offer, header);
    if (offer.price === 0n && offer.tokenPrice === undefined) return null;
    throw new GatewayError("PAYMENT_REQUIRED", "an answer has to be paid for: the header payment-required says how");
  };

  /** What can be paid goes along with a refusal that another payment would change. */
  const addTerms = (request: FastifyRequest, reply: FastifyReply, offer: Offer, error: AssayError): void => {
    if (statusOf(error.code) !== 402) return;
    const url = publicUrl ?? `${request.protocol}://${request.host}${request.url}`;
    reply.header(PAYMENT_REQUIRED, encodeHeader(paymentRequired(tills, offer, { url, error: error.message })));
    // What a payment needs changes with every answer.
    reply.header("cache-control", "no-store");
    if (error.code !== "SETTLEMENT_FAILED") return;
    const failed = { success: false, errorReason: error.message, transaction: "", network: `eip155:0` };
    reply.header(PAYMENT_RESPONSE, encodeHeader(failed));
  };

  /** Undefined if it went out as events. */
  const answer = async (
    request: FastifyRequest,
    body: InferRequest,
    reply: FastifyReply,
  ): Promise<InferAnswer | undefined> => {
    const { headers } = request;
    const offer = offers.find(body.versionId, body.level);
    let events: EventStream | undefined;
    try {
      const payment = paymentOf(request, offer);
      const given = await desk.answer(body, offer, payment, (stage) => {
        // Until then a refusal is a status of its own.
        if (wantsEvents(headers.accept)) (events ??= openEventStream(reply)).send(stage, {});
      });
      if (events === undefined && given.settlement !== null)
        reply.header(PAYMENT_RESPONSE, encodeHeader(given.settlement));
      if (wantsEvents(headers.accept)) events ??= openEventStream(reply);
      if (events === undefined) return given.answer;
      if (given.settlement !== null) events.send("settled", given.settlement);
      events.send("answer", given.answer);
    } catch (error) {
      if (!(error instanceof AssayError)) throw error;
      if (events === undefined) addTerms(request, reply, offer, error);
      if (events === undefined) throw error;
      events.send("refused", refusalOf(error).body);
    }
    events.end();
    return undefined;
  };

  server.post(
    "/v1/infer",
    {
      schema: {
        description:
          "Runs a version on an input. The answer carries a receipt that the worker signed and, at Tee and Zkml, evidence.",
        body: inferRequest,
        response: {
          200: inferAnswer,
          400: refusal,
          401: refusal,
          402: refusal,
          404: refusal,
          409: refusal,
          422: refusal,
          503: refusal,
        },
      },
    },
    async (request, reply) => (await answer(request, request.body, reply)) ?? reply,
  );
}
