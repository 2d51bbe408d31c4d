import { readFile } from "node:fs/promises";

import type { Command } from "commander";
import { type Signer, Wallet } from "ethers";

import { AssayError } from "../../circuits/format/error.ts";
import { createClient, type Deployment, openProvider, parseDeployment, type Client } from "../sdk/index.ts";
import { keyIn } from "./key-source.ts";

export interface ChainOptions {
  readonly deployment: string;
  /** One endpoint, or several of which the first that answers is asked. */
  readonly rpc: string | readonly string[];
}

class ChainOptionsError extends AssayError {
  declare readonly code: "DEPLOYMENT_MISSING";
}

export const DEFAULT_DEPLOYMENT = ".assay/deployment.json";
const DEFAULT_RPC = "http://127.0.0.1:8545";

/** Adds the options that every command with a chain takes. */
export function withChainOptions(command: Command): Command {
  return command
    .option(
      "--deployment <file>",
      "where the contracts are (ASSAY_DEPLOYMENT)",
      process.env.ASSAY_DEPLOYMENT ?? DEFAULT_DEPLOYMENT,
    )
    .option("--rpc <url>", "JSON-RPC endpoint (ASSAY_RPC)", process.env.ASSAY_RPC ?? DEFAULT_RPC);
}

/** A client that can only read. */
export async function connect(options: ChainOptions): Promise<Client> {
  return open(options, undefined);
}

/** A client that signs with ASSAY_PRIVATE_KEY. Throws `KEY_MISSING` or `KEY_INVALID`, which never show it. */
export async function connectWithKey(options: ChainOptions): Promise<Client> {
  return open(options, new Wallet(keyIn(process.env, "ASSAY_PRIVATE_KEY")));
}

/** A client that signs with a key that is open already. */
export async function connectAs(options: ChainOptions, signer: Signer): Promise<Client> {
  return open(options, signer);
}

async function open({ deployment: path, rpc: endpoints }: ChainOptions, signer: Signer | undefined): Promise<Client> {
  const deployment = await readDeploymentFile(path);
  const urls = [endpoints].flat();
  let failure: unknown;
  for (const rpc of urls.length === 0 ? [DEFAULT_RPC] : urls) {
    const provider = openProvider(rpc, deployment);
    try {
      return await createClient({ provider, signer: signer?.connect(provider), deployment });
    } catch (error) {
      provider.destroy();
      if (!(error instanceof AssayError && error.code === "RPC_UNREACHABLE")) throw error;
      failure = error;
    }
  }
  throw failure;
}

/** Throws `DEPLOYMENT_MISSING` and `DEPLOYMENT_INVALID`. */
export async function readDeploymentFile(path: string): Promise<Deployment> {
  return parseDeployment(await readDeployment(path));
}

async function readDeployment(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new ChainOptionsError(
      "DEPLOYMENT_MISSING",
      `${path} cannot be read: name the deployment's file with --deployment (npm run demo -- --serve writes one)`,
      { cause, details: { path } },
    );
  }
}
