import { once } from "node:events";
import { createServer } from "node:net";

import { network } from "hardhat";

import { AssayError } from "../../circuits/format/error.ts";

/** A local chain with an HTTP RPC. Blocks come with each transaction and once a second, so that time goes on. */
export interface LocalChain {
  readonly url: string;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const SECOND = 1000;

/** @param port 0 for any free port. Throws `PORT_IN_USE`. */
export async function startLocalChain(port: number): Promise<LocalChain> {
  await requireFree(port);
  const server = await network.createServer(
    { network: "default", override: { mining: { auto: true, interval: SECOND } } },
    HOST,
    port,
  );
  const listening = await server.listen();
  return { url: `http://${HOST}:${String(listening.port)}`, close: () => server.close() };
}

/** Hardhat's server ends the process when its port is taken, so it is tried beforehand. */
async function requireFree(port: number): Promise<void> {
  const probe = createServer().listen(port, HOST);
  try {
    await once(probe, "listening");
  } catch (cause) {
    throw new AssayError("PORT_IN_USE", `port ${port} cannot be used: choose another with --port, or 0 for any`, {
      cause,
      details: { port },
    });
  }
  probe.close();
  await once(probe, "close");
}
