import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import { toBeHex } from "ethers";
import hre, { network } from "hardhat";

import type { Deployment } from "../../workers/sdk/index.ts";
import Assay from "../ignition/Assay.ts";
import type { DevelopmentRoot } from "./development-root.ts";

/** Short windows, so that a demonstration ends; in seconds. */
export const DEMO_WINDOWS = { priorityWindow: 8, evidenceWindow: 30, revealWindow: 15, minChallengeWindow: 20 };

const LOCAL_CHAIN_ID = 31337;

/**
 * Compiles the contracts and deploys them with the Ignition module, from the chain's first account. `chosen` are
 * parameters of that module.
 */
export async function deployAssay(
  url: string,
  root: DevelopmentRoot,
  chosen: Readonly<Record<string, number | string>> = DEMO_WINDOWS,
): Promise<Deployment> {
  await hre.tasks.getTask("build").run({ quiet: true });
  // Ignition resumes deployments by their id; the chain of this one is gone with this run.
  const deploymentId = `demo-${randomUUID()}`;
  const connection = await network.create({ network: "local", override: { url } });
  try {
    const parameters = {
      Assay: { simulatedRootX: toBeHex(root.x, 32), simulatedRootY: toBeHex(root.y, 32), ...chosen },
    };
    const contracts = await connection.ignition.deploy(Assay, { deploymentId, parameters });
    return {
      chainId: LOCAL_CHAIN_ID,
      modelRegistry: await contracts.modelRegistry.getAddress(),
      workerRegistry: await contracts.workerRegistry.getAddress(),
      market: await contracts.market.getAddress(),
      receiptAnchors: await contracts.receiptAnchors.getAddress(),
      paymentChannels: await contracts.paymentChannels.getAddress(),
      enclaveRegistry: await contracts.enclaveRegistry.getAddress(),
      groth16Verifier: await contracts.groth16Verifier.getAddress(),
      teeVerifier: await contracts.teeVerifier.getAddress(),
      fromBlock: 0,
    };
  } finally {
    await connection.close();
    await rm(join(hre.config.paths.ignition, "deployments", deploymentId), { recursive: true, force: true });
  }
}
