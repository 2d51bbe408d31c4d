import { JsonRpcProvider, Network, type Provider, type Signer } from "ethers";

import { type Deployment, parseDeployment } from "./deployment.ts";
import { SdkError } from "./errors.ts";
import { onChain } from "./rpc-error.ts";

/** What every action takes first: a chain, where the contracts are on it, and who signs. */
export interface Client {
  readonly provider: Provider;
  /** Only needed by actions that send transactions. */
  readonly signer: Signer | undefined;
  readonly deployment: Deployment;
}

export interface CreateClientParameters {
  readonly provider: Provider;
  readonly signer?: Signer | undefined;
  readonly deployment: Deployment;
}

/**
 * A client for one deployment. Throws `WRONG_CHAIN` if the provider is on another chain, and `RPC_UNREACHABLE`
 * (retryable) if it does not answer.
 *
 * @example
 * const deployment = parseDeployment(json);
 * const provider = openProvider("http://127.0.0.1:8545", deployment);
 * const client = await createClient({ provider, signer: new Wallet(key, provider), deployment });
 */
export async function createClient({ provider, signer, ...rest }: CreateClientParameters): Promise<Client> {
  const deployment = parseDeployment(rest.deployment);
  const chainId = await onChain("asking for the chain id", () => askChainId(provider));
  if (chainId !== BigInt(deployment.chainId))
    throw new SdkError(
      "WRONG_CHAIN",
      `the provider is on chain ${chainId}, the deployment on ${deployment.chainId}: use the deployment's endpoint`,
      { details: { had: chainId, needed: BigInt(deployment.chainId) } },
    );
  return Object.freeze({ provider, signer: signer?.provider === null ? signer.connect(provider) : signer, deployment });
}

/** A provider with a fixed network would answer from memory, so the node itself is asked where that is possible. */
async function askChainId(provider: Provider): Promise<bigint> {
  if (!(provider instanceof JsonRpcProvider)) return (await provider.getNetwork()).chainId;
  const answer: unknown = await provider.send("eth_chainId", []);
  return BigInt(String(answer));
}

/**
 * A JSON-RPC provider that fails at once when the node is away (ethers' own retries for ever), asks the node every
 * time instead of a cache, and polls often enough for chains with short blocks.
 */
export function openProvider(
  url: string,
  deployment: Pick<Deployment, "chainId">,
  { pollingInterval = 500 }: { readonly pollingInterval?: number } = {},
): JsonRpcProvider {
  const network = Network.from(deployment.chainId);
  // Calls of one turn go out together at once: waiting for more would slow down every step of an action.
  const options = { staticNetwork: network, cacheTimeout: -1, batchStallTime: 0, pollingInterval };
  return new JsonRpcProvider(url, network, options);
}
