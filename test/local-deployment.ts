import { network } from "hardhat";

import { deployAssay } from "../scripts/demo/deploy.ts";
import type { DevelopmentRoot } from "../scripts/demo/development-root.ts";
import type { Deployment } from "../workers/sdk/deployment.ts";

/** In seconds. */
const WINDOWS = { priorityWindow: 60, evidenceWindow: 600, revealWindow: 120, minChallengeWindow: 300 };

export interface LocalDeployment {
  readonly url: string;
  readonly port: number;
  readonly deployment: Deployment;
  close(): Promise<void>;
}

/**
 * A real chain behind HTTP on a free port with the contracts and nothing else on it. Blocks come with transactions
 * only, so that time stands still between them. `root` signs simulated quotes.
 */
export async function startLocalDeployment(root: DevelopmentRoot): Promise<LocalDeployment> {
  const server = await network.createServer({ network: "default" }, "127.0.0.1", 0);
  const { port } = await server.listen();
  const url = `http://127.0.0.1:${port}`;
  try {
    return { url, port, deployment: await deployAssay(url, root, WINDOWS), close: () => server.close() };
  } catch (error) {
    await server.close();
    throw error;
  }
}
