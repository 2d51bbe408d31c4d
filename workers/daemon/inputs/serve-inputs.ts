import fastify, { type FastifyError, type FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { z } from "zod";

import { commit, COMMITMENT_BYTES, fromBytes } from "../../../circuits/format/commitment.ts";
import { AssayError } from "../../../circuits/format/error.ts";
import { FIELD_ORDER } from "../../../circuits/format/interface-words.ts";
import { problemsIn } from "../../../circuits/format/problems.ts";
import { listen } from "../../store/listen.ts";
import { WorkerError } from "../worker-error.ts";
import type { PrivateInputs } from "./private-inputs.ts";

export interface InputRoutesOptions {
  readonly inputs: PrivateInputs;
  readonly logger: Logger;
}

export interface ServeInputsOptions extends InputRoutesOptions {
  /** 127.0.0.1 when left out: what arrives is secret, so put TLS in front of anything else. */
  readonly host?: string;
  readonly port: number;
  /** Of one preimage. Default 4 MiB. */
  readonly mostBytes?: number;
}

export interface InputsServer {
  readonly url: string;
  close(): Promise<void>;
}

const hexText = z.string().regex(/^0x([0-9a-f]{2})*$/, "must be lower-case hexadecimal after 0x");
const hexOfLength = (bytes: number) => hexText.length(2 + 2 * bytes, `must be ${bytes} bytes`);
const commitmentText = hexOfLength(COMMITMENT_BYTES);
const preimageBody = z.strictObject({ salt: hexOfLength(COMMITMENT_BYTES), packed: hexText });
/** A field element. */
const openingBody = z.strictObject({ outputSalt: hexOfLength(32) });

const STATUS_OF: Readonly<Record<string, number>> = {
  COMMITMENT_MISMATCH: 422,
  INPUTS_FULL: 507,
  REQUEST_INVALID: 400,
  OUTPUT_MISSING: 404,
};

/**
 * `PUT /v1/inputs/<commitment>` takes a preimage `{ salt, packed }` and keeps it if it is the commitment's.
 * `POST /v1/outputs/<commitment>` gives the packed tensors `{ packed }` of a committed answer to whoever shows the
 * output's salt `{ outputSalt }`. Throws `REQUEST_INVALID`, `OUTPUT_MISSING`, and as `PrivateInputs.keep`.
 */
export function addInputRoutes(server: FastifyInstance, { inputs, logger }: InputRoutesOptions): void {
  server.put<{ Params: { commitment: string } }>("/v1/inputs/:commitment", async ({ params, body }, reply) => {
    const commitment = bytesOf(parse(commitmentText, params.commitment));
    const { salt, packed } = parse(preimageBody, body);
    await inputs.keep(commitment, { salt: fromBytes(bytesOf(salt)), packed: bytesOf(packed) });
    logger.info({ commitment: params.commitment }, "a private input arrived");
    return reply.code(204).send();
  });
  server.post<{ Params: { commitment: string } }>("/v1/outputs/:commitment", async ({ params, body }) => {
    const commitment = bytesOf(parse(commitmentText, params.commitment));
    const outputSalt = fromBytes(bytesOf(parse(openingBody, body).outputSalt));
    const packed = await inputs.findOutput(commitment);
    // A wrong salt is told no more than that there is nothing for it.
    if (packed === null || !isOpening(commitment, outputSalt, packed))
      throw new WorkerError("OUTPUT_MISSING", "this worker has no output with this commitment and salt");
    return { packed: `0x${Buffer.from(packed).toString("hex")}` };
  });
}

/** The routes on a server of their own. Errors are JSON `{ code, message }`. Throws `INPUTS_PORT` if it cannot listen. */
export async function serveInputs(options: ServeInputsOptions): Promise<InputsServer> {
  const { host = "127.0.0.1", port, mostBytes = 4 * 2 ** 20 } = options;
  const server = fastify({ forceCloseConnections: true, bodyLimit: 2 * mostBytes + 1024 });
  addInputRoutes(server, options);
  server.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ code: "NOT_FOUND", message: "preimages go to PUT /v1/inputs/<commitment>" }),
  );
  server.setErrorHandler((error: FastifyError | AssayError, _request, reply) => {
    // What is not expected may name files of this machine, so only its existence is told.
    const code = error instanceof AssayError ? error.code : "REQUEST_REFUSED";
    const status = error instanceof AssayError ? (STATUS_OF[code] ?? 500) : (error.statusCode ?? 500);
    const message = status === 500 ? "the worker cannot do this now" : error.message;
    return reply.code(status).send({ code, message });
  });
  const refusal = (cause: unknown): WorkerError =>
    new WorkerError("INPUTS_PORT", `cannot take private inputs on ${host}:${port}: choose another port`, {
      cause,
      details: { host, port },
    });
  return { url: await listen(server, { host, port }, refusal), close: () => server.close() };
}

function isOpening(commitment: Uint8Array, outputSalt: bigint, packed: Uint8Array): boolean {
  return outputSalt < FIELD_ORDER && fromBytes(commit("output", outputSalt, packed)) === fromBytes(commitment);
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new WorkerError("REQUEST_INVALID", problemsIn(parsed.error).join("; "));
}

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.slice(2), "hex"));
}
