import { request } from "node:http";

import { QuoteError } from "./quote-provider.ts";

export interface SocketCall {
  readonly socket: string;
  readonly path: string;
  readonly body: object;
  /** Milliseconds for the whole exchange. */
  readonly timeout: number;
}

export interface SocketAnswer {
  readonly status: number;
  readonly json: unknown;
}

/** An answer is a quote and, from some, a log of what the machine started. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * Posts JSON to a server on a Unix socket. An answer of any status is one, and undefined if it is not JSON. Throws
 * `QUOTE_UNAVAILABLE`, `QUOTE_TIMEOUT`, and `QUOTE_INVALID` for an answer that is too long.
 */
export async function postJson({ socket, path, body, timeout }: SocketCall): Promise<SocketAnswer> {
  const text = JSON.stringify(body);
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  const signal = AbortSignal.timeout(timeout);
  const answer = Promise.withResolvers<SocketAnswer>();
  const call = request({ socketPath: socket, path, method: "POST", headers, signal, agent: false }, (response) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAX_ANSWER_BYTES)
        response.destroy(new QuoteError("QUOTE_INVALID", `${socket} answers more than ${MAX_ANSWER_BYTES} bytes`));
    });
    response.on("end", () =>
      answer.resolve({ status: response.statusCode ?? 0, json: parsed(Buffer.concat(chunks).toString("utf8")) }),
    );
    response.on("error", answer.reject);
  });
  call.on("error", answer.reject);
  call.end(text);
  try {
    return await answer.promise;
  } catch (cause) {
    if (cause instanceof QuoteError) throw cause;
    if (signal.aborted)
      throw new QuoteError("QUOTE_TIMEOUT", `${socket} did not answer within ${timeout} ms`, { cause });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new QuoteError("QUOTE_UNAVAILABLE", `${socket} does not answer: ${reason}`, { cause, details: { socket } });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
