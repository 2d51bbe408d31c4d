import { ContractFactory, Interface, parseEther } from "ethers";
import hre from "hardhat";

import { createClient, openProvider, type Client, type Deployment } from "../../workers/sdk/index.ts";
import { account, ACCOUNTS } from "./accounts.ts";
import type { Desk } from "./ask.ts";
import { askAllLevels } from "./ask-all-levels.ts";
import { askCopies } from "./ask-copies.ts";
import { startLocalChain } from "./chain.ts";
import { buildContracts, deployAssay } from "./deploy.ts";
import { makeRootSecret } from "./development-root.ts";
import { publishSupportDesk, type PublishedDesk } from "./publish-support-desk.ts";
import { showFrauds } from "./show-frauds.ts";
import { startWorkers } from "./start-workers.ts";

export interface DemoOptions {
  /** For everything that the run writes. */
  readonly directory: string;
  /** Of the chain's RPC; 0 for a free one. */
  readonly port: number;
  readonly say: (line: string) => void;
}

/** What goes on running until `stop`. */
export interface RunningDemo {
  readonly rpc: string;
  readonly deployment: Deployment;
  readonly versionId: string;
  readonly customerKey: string;
  stop(): Promise<void>;
}

const FEE = parseEther("0.002");

/**
 * The main job, end to end: from an empty chain to answered, checked and paid questions, one of them put to three workers
 * at once, and two frauds that fail.
 */
export async function runDemo({ directory, port, say }: DemoOptions): Promise<RunningDemo> {
  const undo: (() => unknown)[] = [];
  const stop = async () => {
    for (const action of undo.splice(0).reverse()) await action();
  };
  const started = performance.now();
  const step = (message: string) =>
    say(`${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${message}`);
  try {
    await buildContracts();
    const chain = await startLocalChain(port);
    undo.push(() => chain.close());
    step(`local chain at ${chain.url}`);

    const rootSecret = makeRootSecret();
    const deployment = await deployAssay(chain.url, rootSecret);
    const provider = openProvider(chain.url, deployment);
    undo.push(() => provider.destroy());
    step(`contracts deployed, market ${deployment.market}`);

    const publisher = await createClient({ provider, signer: account(ACCOUNTS.publisher, provider), deployment });
    const published = await publishSupportDesk(publisher, directory, step);
    undo.push(() => published.server.close());
    say(`\n${published.report}\n`);
    step(`version ${published.versionId}`);

    const { versionId } = published;
    const workers = await startWorkers({ directory, rpc: chain.url, publisher, versionId, rootSecret });
    undo.push(() => Promise.all(workers.map((worker) => worker.stop())));

    step(`at work: ${workers.map(({ name }) => name).join(", ")}`);

    const desk = await deploySupportDesk(publisher, published);
    step(`SupportDesk deployed at ${desk.address}; ten questions at each level`);
    const genuine = await askAllLevels({ publisher, desk, published, workers, say });

    step("one question to three workers");
    await askCopies({ publisher, published, workers, fee: FEE, say });

    step("two frauds");
    await showFrauds({ provider, deployment, desk, published, genuine, workers, say });
    step("done");
    const { privateKey: customerKey } = account(ACCOUNTS.customers.Zkml, provider);
    return { rpc: chain.url, deployment, versionId: published.versionId, customerKey, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function deploySupportDesk(client: Client, { versionId, inputs, inputAdapter }: PublishedDesk): Promise<Desk> {
  const { abi, bytecode } = await hre.artifacts.readArtifact("SupportDesk");
  const factory = new ContractFactory(abi, bytecode, client.signer);
  const contract = await factory.deploy(client.deployment.market, versionId);
  await contract.waitForDeployment();
  return {
    address: await contract.getAddress(),
    abi: new Interface(abi),
    adapter: inputAdapter,
    inputs,
    fee: FEE,
  };
}
