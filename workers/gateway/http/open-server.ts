import { createHash } from "node:crypto";

import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from "fastify";
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from "fastify-type-provider-zod";
import type { Logger } from "pino";

import type { AssayError } from "../../../circuits/format/error.ts";
import { PAYMENT_REQUIRED, PAYMENT_RESPONSE, PAYMENT_SIGNATURE } from "../../sdk/gateway/header.ts";
import type { ApiKeys } from "../api-keys.ts";
import { refusalOf } from "./refusals.ts";

export interface ServerOptions {
  readonly keys: ApiKeys;
  /** Requests that one address, or one API key, may make in a window of seconds. */
  readonly rate: { readonly max: number; readonly seconds: number };
  /** Believe `X-Forwarded-For`: only behind a proxy of one's own. */
  readonly trustProxy: boolean;
  /** Of a request's body. */
  readonly mostBytes: number;
  readonly logger: Logger;
}

export type Server = Awaited<ReturnType<typeof openServer>>;

/** Milliseconds that a request's headers and body may take to arrive. */
const REQUEST_TIMEOUT = 30_000;

/** A server without routes: what holds for all of them. */
export async function openServer({ keys, rate, trustProxy, mostBytes, logger }: ServerOptions) {
  const server = fastify({
    bodyLimit: mostBytes,
    trustProxy,
    requestTimeout: REQUEST_TIMEOUT,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 200 },
  }).withTypeProvider<ZodTypeProvider>();
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  await server.register(swagger, {
    openapi: {
      info: { title: "Assay gateway", description: "Verifiable inference over HTTP", version: "1" },
      components: { securitySchemes: { key: { type: "http", scheme: "bearer" } } },
    },
    transform: jsonSchemaTransform,
  });
  server.addHook("onRequest", allowBrowsers);
  await server.register(rateLimit, {
    max: rate.max,
    timeWindow: rate.seconds * 1000,
    keyGenerator: ({ headers: { authorization }, ip }) =>
      authorization !== undefined && keys.nameOf(authorization) !== undefined
        ? createHash("sha256").update(authorization).digest("hex")
        : ip,
  });
  server.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ code: "NOT_FOUND", message: "see /openapi.json for what there is", retryable: false }),
  );
  server.setErrorHandler((error: FastifyError | AssayError, request, reply) => {
    const { status, body } = refusalOf(error);
    if (status >= 500) logger.warn({ url: request.url, code: body.code, error: error.message }, "a request failed");
    return reply.code(status).send(body);
  });
  server.get("/openapi.json", { schema: { hide: true } }, () => server.swagger());
  return server;
}

/** Pages of any origin may ask: nothing here is known by a cookie. */
async function allowBrowsers({ method }: FastifyRequest, reply: FastifyReply): Promise<void> {
  const exposed = [PAYMENT_REQUIRED, PAYMENT_RESPONSE, "retry-after"].join(", ");
  reply.header("access-control-allow-origin", "*").header("access-control-expose-headers", exposed);
  if (method !== "OPTIONS") return;
  await reply
    .header("access-control-allow-methods", "GET, POST, PUT")
    .header("access-control-allow-headers", `authorization, content-type, ${PAYMENT_SIGNATURE}`)
    .header("access-control-max-age", "86400")
    .code(204)
    .send();
}
