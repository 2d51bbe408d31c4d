/**
 * A key in Consensys' Web3Signer, or whatever else speaks Ethereum's JSON-RPC for signing: `eth_accounts`,
 * `eth_signTransaction` and `eth_signTypedData`.
 */
import { getAddress, isAddress, toQuantity, type Transaction, TypedDataEncoder } from "ethers";
import { z } from "zod";

import { ExternalSigner } from "./external-signer.ts";
import { SignerError } from "./signer-error.ts";

export interface Web3SignerOptions {
  readonly url: string;
  /** Which of its keys signs. */
  readonly address: string;
  /** Milliseconds that one call may take. Default 10000. */
  readonly timeout?: number;
}

const answer = z.union([
  z.object({ error: z.object({ code: z.number().optional(), message: z.string() }) }),
  z.object({ result: z.union([z.string(), z.array(z.unknown())]) }),
]);

/** Asks for its accounts once. Throws `SIGNER_KEY_UNSUITABLE` if the key is not among them, `SIGNER_REFUSED` and `SIGNER_UNAVAILABLE`. */
export async function web3signer({ url, address, timeout = 10_000 }: Web3SignerOptions): Promise<ExternalSigner> {
  const own = getAddress(address);
  const ask = (method: string, params: readonly unknown[]): Promise<string | readonly unknown[]> =>
    call(url, timeout, method, params);

  const accounts = await ask("eth_accounts", []);
  if (!Array.isArray(accounts) || !accounts.some((each) => isAddress(each) && getAddress(each) === own))
    throw new SignerError("SIGNER_KEY_UNSUITABLE", `web3signer has no key of ${own}: load it there first`, {
      details: { accounts },
    });

  return new ExternalSigner({
    name: "web3signer",
    address: own,
    signTransaction: async (transaction) => String(await ask("eth_signTransaction", [requestOf(own, transaction)])),
    signTypedData: async (domain, types, value) =>
      String(await ask("eth_signTypedData", [own, JSON.stringify(TypedDataEncoder.getPayload(domain, types, value))])),
  });
}

function requestOf(from: string, transaction: Transaction): Record<string, string> {
  const { to, gasLimit, gasPrice, maxFeePerGas, maxPriorityFeePerGas, value, nonce, data, chainId, type } = transaction;
  const price =
    type === 2
      ? { maxFeePerGas: toQuantity(maxFeePerGas ?? 0n), maxPriorityFeePerGas: toQuantity(maxPriorityFeePerGas ?? 0n) }
      : { gasPrice: toQuantity(gasPrice ?? 0n) };
  return {
    from,
    ...(to !== null && { to }),
    gas: toQuantity(gasLimit),
    ...price,
    value: toQuantity(value),
    nonce: toQuantity(nonce),
    data,
    chainId: toQuantity(chainId),
  };
}

async function call(
  url: string,
  timeout: number,
  method: string,
  params: readonly unknown[],
): Promise<string | readonly unknown[]> {
  const parsed = answer.safeParse(await post(url, timeout, { jsonrpc: "2.0", id: 1, method, params }));
  if (!parsed.success) throw new SignerError("SIGNER_REFUSED", `web3signer answers ${method} with no such thing`);
  if ("error" in parsed.data)
    throw new SignerError("SIGNER_REFUSED", `web3signer refuses ${method}: ${parsed.data.error.message}`);
  return parsed.data.result;
}

async function post(url: string, timeout: number, body: object): Promise<unknown> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeout),
    });
    if (response.status >= 500) throw new Error(`HTTP status ${response.status}`);
    return await response.json();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new SignerError("SIGNER_UNAVAILABLE", `web3signer did not answer: ${message}`, { retryable: true, cause });
  }
}
