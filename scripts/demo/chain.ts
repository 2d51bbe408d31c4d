import { network } from "hardhat";

/** A local chain with an HTTP RPC. Blocks come with each transaction and once a second, so that time goes on. */
export interface LocalChain {
  readonly url: string;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const SECOND = 1000;

/** @param port 0 for any free port. */
export async function startLocalChain(port: number): Promise<LocalChain> {
  const server = await network.createServer(
    { network: "default", override: { mining: { auto: true, interval: SECOND } } },
    HOST,
    port,
  );
  const listening = await server.listen();
  return { url: `http://${HOST}:${String(listening.port)}`, close: () => server.close() };
}
