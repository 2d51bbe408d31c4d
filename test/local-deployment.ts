import { network } from "hardhat";

import { deployAssay } from "../scripts/demo/deploy.ts";
import type { Deployment } from "../workers/sdk/deployment.ts";
import type { RootSecret } from "../workers/tee/development/authority.ts";

/** In seconds. */
const WINDOWS = { priorityWindow: 60, evidenceWindow: 600, revealWindow: 120, minChallengeWindow: 300 };

const MILLION = 10n ** 24n;

export interface LocalDeployment {
  readonly url: string;
  readonly port: number;
  readonly deployment: Deployment;
  close(): Promise<void>;
}

/** ERC-20s of the tests that can be a deployment's currency, with and without permits. */
export type TestToken = "PermitToken" | "FalseToken";

/**
 * A real chain behind HTTP on a free port with the contracts and nothing else on it. Blocks come with transactions
 * only, so that time stands still between them. Simulated quotes follow from `rootSecret`. With a token everything is paid in that,
 * and each of the first accounts has a million.
 */
export async function startLocalDeployment(rootSecret: RootSecret, token?: TestToken): Promise<LocalDeployment> {
  const server = await network.createServer({ network: "default" }, "127.0.0.1", 0);
  const { port } = await server.listen();
  const url = `http://127.0.0.1:${port}`;
  try {
    const currency = token === undefined ? {} : { currency: await deployToken(url, token) };
    const deployment = await deployAssay(url, rootSecret, { ...WINDOWS, ...currency });
    return { url, port, deployment, close: () => server.close() };
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function deployToken(url: string, name: TestToken): Promise<string> {
  const connection = await network.create({ network: "local", override: { url } });
  try {
    const token = await connection.ethers.getContractAt(name, await connection.ethers.deployContract(name));
    for (const { address } of (await connection.ethers.getSigners()).slice(0, 10))
      await token.getFunction("mint")(address, MILLION);
    return await token.getAddress();
  } finally {
    await connection.close();
  }
}
