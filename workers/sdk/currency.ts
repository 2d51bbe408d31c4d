import { Interface, type InterfaceAbi, MaxUint256, Signature, type TypedDataDomain, ZeroAddress } from "ethers";

import { read, send } from "./access.ts";
import type { Client } from "./client.ts";
import { SdkError } from "./errors.ts";
import { onChain } from "./rpc-error.ts";

/** Contracts that take money. */
export type Till = "market" | "workerRegistry" | "receiptAnchors" | "paymentChannels";

/** How an amount gets to a contract: as value, by an allowance that is there, or by a permit that goes along. */
export type Payment =
  | { readonly kind: "value"; readonly value: bigint }
  | { readonly kind: "allowance"; readonly value: 0n }
  | { readonly kind: "permit"; readonly value: 0n; readonly permit: Permit };

/** The last four arguments of a function that takes a permit. */
export type Permit = readonly [deadline: bigint, v: bigint, r: string, s: string];

const TOKEN = new Interface([
  "function allowance(address owner, address spender) view returns (uint256)",
  "function approve(address spender, uint256 amount) returns (bool)",
  "function decimals() view returns (uint8)",
  "function symbol() view returns (string)",
  "function nonces(address owner) view returns (uint256)",
  "function eip712Domain() view returns (bytes1 fields, string name, string version, uint256 chainId, address verifyingContract, bytes32 salt, uint256[] extensions)",
] satisfies InterfaceAbi);

const PERMIT_TYPE = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
};

/** The ERC-20 in which everything is paid, or undefined for the chain's own coin. */
export async function tokenOf(client: Client, till: Till = "market"): Promise<string | undefined> {
  const token = await read(client, { contract: till, functionName: "currency", args: [] });
  return token === ZeroAddress ? undefined : token;
}

/** What amounts mean to people. */
export interface Currency {
  /** Undefined for the chain's own coin. */
  readonly token: string | undefined;
  /** Empty for the chain's own coin. */
  readonly symbol: string;
  readonly decimals: number;
}

/**
 * The currency in which everything of a deployment is paid.
 *
 * @example
 * const { decimals, symbol } = await getCurrency(client);
 */
export async function getCurrency(client: Client): Promise<Currency> {
  const token = await tokenOf(client);
  if (token === undefined) return { token, symbol: "", decimals: 18 };
  const [[symbol], [decimals]] = await Promise.all([
    ask(client, token, "symbol", []),
    ask(client, token, "decimals", []),
  ]);
  return { token, symbol: String(symbol), decimals: Number(decimals) };
}

/**
 * What a function without a permit must be sent along with: the amount itself, or nothing once the ERC-20 allows it,
 * which may take a transaction.
 */
export async function allow(client: Client, till: Till, amount: bigint): Promise<bigint> {
  const token = await tokenOf(client, till);
  if (token === undefined) return amount;
  const owner = await signerAddress(client, till);
  if ((await allowanceOf(client, token, owner, till)) < amount) await approve(client, token, till, amount);
  return 0n;
}

/** The same for a function that has a twin which takes a permit: an ERC-20 that knows permits saves a transaction. */
export async function pay(client: Client, till: Till, amount: bigint): Promise<Payment> {
  const token = await tokenOf(client, till);
  if (token === undefined) return { kind: "value", value: amount };
  const owner = await signerAddress(client, till);
  if ((await allowanceOf(client, token, owner, till)) >= amount) return { kind: "allowance", value: 0n };
  const permit = await signPermit(client, token, owner, till, amount);
  if (permit !== undefined) return { kind: "permit", value: 0n, permit };
  await approve(client, token, till, amount);
  return { kind: "allowance", value: 0n };
}

/** The signer's address. Throws `SIGNER_MISSING`. */
export async function signerAddress({ signer }: Client, what: string): Promise<string> {
  if (signer === undefined) throw new SdkError("SIGNER_MISSING", `${what}: create the client with a signer`);
  return signer.getAddress();
}

async function allowanceOf(client: Client, token: string, owner: string, till: Till): Promise<bigint> {
  const [allowance] = await ask(client, token, "allowance", [owner, client.deployment[till]]);
  return BigInt(String(allowance));
}

async function approve(client: Client, token: string, till: Till, amount: bigint): Promise<void> {
  const data = TOKEN.encodeFunctionData("approve", [client.deployment[till], amount]);
  await send(client, { label: "approve of the currency", to: token, data, value: 0n });
}

/** Undefined for a token that knows no permits, or does not tell its domain (ERC-5267). */
async function signPermit(
  client: Client,
  token: string,
  owner: string,
  till: Till,
  amount: bigint,
): Promise<Permit | undefined> {
  const found = await knownPermits(client, token, owner);
  if (found === undefined || client.signer === undefined) return undefined;
  const message = { owner, spender: client.deployment[till], value: amount, nonce: found.nonce, deadline: MaxUint256 };
  const { v, r, s } = Signature.from(await client.signer.signTypedData(found.domain, PERMIT_TYPE, message));
  return [message.deadline, BigInt(v), r, s];
}

async function knownPermits(
  client: Client,
  token: string,
  owner: string,
): Promise<{ readonly nonce: unknown; readonly domain: TypedDataDomain } | undefined> {
  try {
    const [[nonce], [, name, version, chainId, verifyingContract]] = await Promise.all([
      ask(client, token, "nonces", [owner]),
      ask(client, token, "eip712Domain", []),
    ]);
    const domain = {
      name: String(name),
      version: String(version),
      chainId: BigInt(String(chainId)),
      verifyingContract: String(verifyingContract),
    };
    return { nonce, domain };
  } catch (error) {
    if (error instanceof SdkError && error.code === "RPC_UNREACHABLE") throw error;
    return undefined;
  }
}

function ask(client: Client, token: string, name: string, args: readonly unknown[]): Promise<unknown[]> {
  return onChain(`${name} of the currency`, async () => {
    const data = await client.provider.call({ to: token, data: TOKEN.encodeFunctionData(name, args) });
    return TOKEN.decodeFunctionResult(name, data).toArray() as unknown[];
  });
}
