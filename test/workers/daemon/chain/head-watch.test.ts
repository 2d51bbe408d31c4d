import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

import { expect } from "chai";
import { pino } from "pino";

import { type HeadWatch, watchHeads } from "../../../../workers/daemon/chain/head-watch.ts";

const logger = pino({ level: "silent" });
const HEAD = JSON.stringify({
  jsonrpc: "2.0",
  method: "eth_subscription",
  params: { subscription: "0x1", result: {} },
});

describe("watching for new blocks by a websocket", () => {
  let server: Server;
  let url: string;
  let watch: HeadWatch | undefined;
  /** What happens to each connection, in their order; further ones stay silent. */
  let scripts: ((socket: Duplex) => void)[];
  let sockets: Duplex[];
  let heads: number;
  let waiting: { readonly count: number; readonly resolve: (value: undefined) => void } | undefined;

  const start = (): void => {
    watch = watchHeads({
      url,
      logger,
      onHead() {
        heads++;
        if (waiting !== undefined && heads >= waiting.count) waiting.resolve(undefined);
      },
    });
  };
  const seen = async (count: number): Promise<void> => {
    const reached = Promise.withResolvers<undefined>();
    waiting = { count, resolve: reached.resolve };
    if (heads < count) await reached.promise;
  };

  beforeEach(async () => {
    scripts = [];
    sockets = [];
    heads = 0;
    server = createServer();
    server.on("upgrade", ({ headers }, socket: Duplex) => {
      sockets.push(socket);
      socket.on("error", () => undefined);
      socket.write(handshake(headers["sec-websocket-key"] ?? ""));
      const script = scripts.shift();
      // Its first frame is the subscription.
      socket.once("data", () => script?.(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    watch?.close();
    // The server does not count them among its connections, and waits for them all the same.
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it("tells of each, and of nothing else that the socket says", async () => {
    scripts.push((socket) => {
      for (const said of ["no JSON", "{}", '{"id":1,"result":"0x1"}', HEAD, '{"error":{"message":"no"}}', HEAD])
        socket.write(frame(said));
    });
    start();
    await seen(2);
    expect(heads).to.equal(2);
  });

  it("opens a connection that was lost again, and subscribes anew", async () => {
    scripts.push(
      (socket) => {
        socket.write(frame(HEAD));
        socket.end(() => socket.destroy());
      },
      (socket) => socket.write(frame(HEAD)),
    );
    start();
    await seen(2);
  });

  it("waits for a node that is not there, and stays closed once it is closed", async () => {
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    start();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    scripts.push((socket) => socket.write(frame(HEAD)));
    await seen(1);
    watch?.close();
  });
});

function handshake(key: string): string {
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  return [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
    "",
    "",
  ].join("\r\n");
}

/** One unmasked text frame of less than 126 bytes. */
function frame(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, bytes.length]), bytes]);
}
