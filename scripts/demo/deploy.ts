import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import hre, { network } from "hardhat";

import type { Deployment } from "../../workers/sdk/index.ts";
import type { RootSecret } from "../../workers/tee/development/authority.ts";
import { developmentPlatform } from "../../workers/tee/development/development-platform.ts";
import DevelopmentEnclaves from "../ignition/DevelopmentEnclaves.ts";
import { postCollateral } from "./post-collateral.ts";

/** Short windows, so that a demonstration ends; in seconds. */
export const DEMO_WINDOWS = { priorityWindow: 8, evidenceWindow: 30, revealWindow: 15, minChallengeWindow: 20 };

const LOCAL_CHAIN_ID = 31337;
const DAY = 86_400;
/** Longer than any demonstration, and any test that lets time pass. */
const COLLATERAL_LIFE = 3650 * DAY;

/** Compiles the contracts, if they are not. */
export async function buildContracts(): Promise<void> {
  await hre.tasks.getTask("build").run({ quiet: true });
}

/**
 * Deploys the contracts, which must be compiled, with the Ignition module, from the chain's first account, for enclaves that
 * are simulated under `rootSecret`, too. `chosen` are parameters of the module `Assay`.
 */
export async function deployAssay(
  url: string,
  rootSecret: RootSecret,
  chosen: Readonly<Record<string, number | string>> = DEMO_WINDOWS,
): Promise<Deployment> {
  // Ignition resumes deployments by their id; the chain of this one is gone with this run.
  const deploymentId = `demo-${randomUUID()}`;
  const connection = await network.create({ network: "local", override: { url } });
  try {
    const platform = developmentPlatform(rootSecret);
    const { x: rootX, y: rootY } = platform.root;
    const parameters = { Assay: { ...chosen }, DevelopmentEnclaves: { rootX, rootY } };
    const contracts = await connection.ignition.deploy(DevelopmentEnclaves, { deploymentId, parameters });

    const { ethers } = connection;
    const certificates = await contracts.developmentCertificates.getAddress();
    const collateral = await contracts.developmentCollateral.getAddress();
    const { timestamp = 0 } = (await ethers.provider.getBlock("latest")) ?? {};
    await postCollateral(
      {
        certificates: await ethers.getContractAt("CertificateStore", certificates),
        collateral: await ethers.getContractAt("CollateralRegistry", collateral),
      },
      platform,
      { issuedAt: timestamp - DAY, nextUpdate: timestamp + COLLATERAL_LIFE },
    );
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
