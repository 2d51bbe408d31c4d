import type { Logger } from "pino";
import { z } from "zod";

export interface HeadWatchOptions {
  /** Websocket endpoint of a node. */
  readonly url: string;
  /** A block came, or something else that is worth a look. */
  readonly onHead: () => void;
  readonly logger: Logger;
}

export interface HeadWatch {
  close(): void;
}

/** Milliseconds before a lost connection is opened again: doubles with each attempt in a row. */
const PAUSE = { first: 500, most: 60_000 };

const SUBSCRIBE = JSON.stringify({ id: 1, jsonrpc: "2.0", method: "eth_subscribe", params: ["newHeads"] });
const message = z.object({ method: z.string().optional(), error: z.object({ message: z.string() }).optional() });

/**
 * Listens for new blocks. What the socket says is never believed, it only makes the worker look at the chain sooner: notices
 * that are lost, late or invented cost nothing but time.
 */
export function watchHeads({ url, onHead, logger }: HeadWatchOptions): HeadWatch {
  let socket: WebSocket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let attempts = 0;
  let isClosed = false;

  const open = (): void => {
    const opened = new WebSocket(url);
    socket = opened;
    opened.addEventListener("open", () => opened.send(SUBSCRIBE));
    opened.addEventListener("message", ({ data }) => {
      const said = message.safeParse(parsed(data)).data;
      if (said?.error !== undefined) logger.warn({ error: said.error.message }, "the websocket tells of no new blocks");
      if (said?.method !== "eth_subscription") return;
      attempts = 0;
      onHead();
    });
    // An error is followed by a close.
    opened.addEventListener("error", () => undefined);
    opened.addEventListener("close", () => {
      if (isClosed) return;
      const pause = Math.min(PAUSE.most, PAUSE.first * 2 ** attempts++);
      logger.debug({ pause }, "the websocket is closed, it will be opened again");
      timer = setTimeout(open, pause);
    });
  };
  open();

  return {
    close() {
      isClosed = true;
      clearTimeout(timer);
      socket?.close();
    },
  };
}

function parsed(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return undefined;
  }
}
