import { createHash } from "node:crypto";
import { join } from "node:path";

import { type HDNodeWallet, hexlify, Interface } from "ethers";
import { network } from "hardhat";

import { packTensors } from "../../../circuits/format/tensor.ts";
import type { RunningWorker, WorkerConfig } from "../../../workers/daemon/index.ts";
import { type GatewayConfig, type RunningGateway, startGateway } from "../../../workers/gateway/index.ts";
import { encodeHeader, PAYMENT_SIGNATURE } from "../../../workers/sdk/gateway/header.ts";
import { type Channel, type Client, openChannel, signVoucher } from "../../../workers/sdk/index.ts";
import { channelsOf } from "../../../workers/sdk/places.ts";
import { type MarketChain, startMarketChain } from "../daemon/market-chain.ts";
import { runWorkers } from "../daemon/running-workers.ts";

export const PRICE = 1000n;
export const TOKEN_PRICE = 25n;
export const API_KEY = "a-key-of-the-gateways-tests";
export const INPUT = [3n, -1n, 4n, -1n, 5n, -9n, 2n, 6n];
/** Accounts by their index: the worker's, who pays, and who has nothing to do with it. */
export const WORKER = 1;
export const PAYER = 5;
export const STRANGER = 6;

/** A chain, a worker on it that serves both versions, and what starts gateways beside that worker. */
export async function openGatewayMarket(overrides: Partial<WorkerConfig> = {}) {
  const chain = await startMarketChain();
  const { classifierId, regressorId, deployment } = chain;
  const workers = runWorkers(chain);
  await chain.enlist(WORKER, classifierId, ["Vanilla", "Tee", "Zkml"]);
  const worker = await workers.start(WORKER, { enclave: { quoteProvider: chain.quoteProvider }, ...overrides });
  const token = await deployToken(chain);
  const gateways: RunningGateway[] = [];
  const x402 = { asset: token.asset, name: "Authorizing Dollar", version: "2", payTo: chain.wallet(7).address };
  const price = { price: PRICE, tokenPrice: TOKEN_PRICE };

  return {
    chain,
    worker,
    workers,
    token,
    deployment,
    x402,
    payTo: x402.payTo,
    requester: await chain.clientOf(PAYER),
    packed: packTensors(chain.classifier.manifest.inputs, [INPUT]),
    async start(changes: Partial<GatewayConfig> = {}, beside: RunningWorker = worker): Promise<RunningGateway> {
      const gateway = await startGateway(beside, {
        signer: chain.wallet(WORKER),
        directory: join(chain.directory, "gateway"),
        port: 0,
        offers: [
          { versionId: classifierId, level: "Vanilla", ...price },
          { versionId: classifierId, level: "Zkml", ...price },
          { versionId: classifierId, level: "Tee", ...price },
          { versionId: regressorId, level: "Vanilla", price: 0n },
        ],
        apiKeys: [{ name: "tests", sha256: createHash("sha256").update(API_KEY).digest("hex") }],
        x402,
        rememberFor: 0,
        rate: { max: 10_000, seconds: 60 },
        ...changes,
      });
      gateways.push(gateway);
      return gateway;
    },
    async open(amount: bigint, payee = chain.wallet(WORKER).address): Promise<Channel> {
      return (await openChannel(await chain.clientOf(PAYER), { payee, amount })).channel;
    },
    async stopGateways(): Promise<void> {
      for (const gateway of gateways.splice(0)) await gateway.stop();
    },
    async close(): Promise<void> {
      for (const gateway of gateways.splice(0)) await gateway.stop();
      await workers.stopAll();
      await chain.close();
    },
  };
}
export type GatewayMarket = Awaited<ReturnType<typeof openGatewayMarket>>;

const TOKEN = new Interface(["function balanceOf(address) view returns (uint256)"]);

/** An ERC-20 with EIP-3009, of which the payer has some. */
async function deployToken({ url, provider, wallet }: MarketChain) {
  const connection = await network.create({ network: "local", override: { url } });
  try {
    const token = await connection.ethers.deployContract("AuthorizingToken");
    await token.getFunction("mint")(wallet(PAYER).address, 1_000_000n);
    const asset = await token.getAddress();
    return {
      asset,
      async balanceOf(account: string): Promise<bigint> {
        const data = TOKEN.encodeFunctionData("balanceOf", [account]);
        return BigInt(await provider.call({ to: asset, data }));
      },
    };
  } finally {
    await connection.close();
  }
}

export interface Asked {
  readonly versionId: string;
  readonly level?: string;
  readonly input: Uint8Array | string;
  readonly [more: string]: unknown;
}

/** Posts to a gateway as it is told to, headers included. */
export async function post(
  { url }: Pick<RunningGateway, "url">,
  { input, level = "Vanilla", ...rest }: Asked,
  headers: Record<string, string> = {},
): Promise<{ readonly status: number; readonly headers: Headers; readonly body: Record<string, unknown> }> {
  const response = await fetch(`${url}/v1/infer`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ level, ...rest, input: typeof input === "string" ? input : hexlify(input) }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

/** The header of a payment by voucher; parts of it may be changed. */
export async function voucherHeader(
  client: Client,
  signer: HDNodeWallet,
  channel: Channel,
  total: bigint,
  changes: { readonly payload?: object; readonly accepted?: object } = {},
): Promise<Record<string, string>> {
  const { deployment } = client;
  const { payer, payee, salt } = channel;
  const signature = await signVoucher(signer, channelsOf(deployment), channel, total);
  const accepted = {
    scheme: "assay-channel",
    network: `eip155:${deployment.chainId}`,
    amount: String(PRICE),
    asset: "0x0000000000000000000000000000000000000000",
    payTo: payee,
    maxTimeoutSeconds: 3600,
    extra: {},
    ...changes.accepted,
  };
  const named = { payer, payee, signer: channel.signer, salt };
  const payload = { channel: named, total: String(total), signature, ...changes.payload };
  return { [PAYMENT_SIGNATURE]: encodeHeader({ x402Version: 2, accepted, payload }) };
}
