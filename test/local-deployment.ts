import { network } from "hardhat";

import { deployAssay } from "../scripts/demo/deploy.ts";
import type { Deployment } from "../workers/sdk/deployment.ts";
import type { RootSecret } from "../workers/tee/development/authority.ts";
import { type LocalNode, type NodeKind, startNode } from "./nodes.ts";

/** In seconds. */
const WINDOWS = { priorityWindow: 60, evidenceWindow: 600, revealWindow: 120, minChallengeWindow: 300 };

const MILLION = 10n ** 24n;

export interface LocalDeployment extends LocalNode {
  readonly deployment: Deployment;
}

/** ERC-20s of the tests that can be a deployment's currency, with and without permits. */
export type TestToken = "PermitToken" | "FalseToken";

/**
 * A real chain behind HTTP on a free port with the contracts and nothing else on it. Simulated quotes follow from
 * `rootSecret`. With a token everything is paid in that, and each of the first accounts has a million.
 */
export async function startLocalDeployment(
  rootSecret: RootSecret,
  token?: TestToken,
  kind: NodeKind = "hardhat",
): Promise<LocalDeployment> {
  const node = await startNode(kind);
  try {
    const currency = token === undefined ? {} : { currency: await deployToken(node.url, token) };
    return { ...node, deployment: await deployTo(node.url, rootSecret, currency) };
  } catch (error) {
    await node.close();
    throw error;
  }
}

/** The contracts with the windows of the tests, unless others are chosen, on a fresh node. */
export function deployTo(
  url: string,
  rootSecret: RootSecret,
  chosen: Readonly<Record<string, number | string>> = {},
): Promise<Deployment> {
  return deployAssay(url, rootSecret, { ...WINDOWS, ...chosen });
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
