import type { FastifyReply } from "fastify";

/** Server-sent events in place of a reply's body. */
export interface EventStream {
  send(event: string, data: object): void;
  end(): void;
}

/** Milliseconds between comments that keep proxies from closing a quiet stream. */
const KEEP_ALIVE = 15_000;

export function openEventStream(reply: FastifyReply): EventStream {
  const { raw } = reply;
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  // Headers reach the reader now, not with the first event.
  raw.flushHeaders();
  const timer = setInterval(() => raw.write(": \n\n"), KEEP_ALIVE);
  timer.unref();
  raw.once("close", () => clearInterval(timer));
  return {
    send: (event, data) => void raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    end: () => void raw.end(),
  };
}

export function wantsEvents(accept: string | undefined): boolean {
  return accept?.includes("text/event-stream") ?? false;
}
