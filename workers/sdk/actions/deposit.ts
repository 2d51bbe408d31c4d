import type { TransactionReceipt } from "ethers";

import { write } from "../access.ts";
import type { Client } from "../client.ts";
import { pay, signerAddress } from "../currency.ts";

export interface DepositParameters {
  /** In the currency's smallest unit. */
  readonly amount: bigint;
  /** Whose balance grows; the signer's when left out. */
  readonly account?: string;
}
export type DepositReturnType = TransactionReceipt;

/**
 * Adds to a prepaid balance in the market, from which requests are paid. An ERC-20 is allowed first, by permit if it
 * knows permits.
 *
 * @example
 * await deposit(client, { amount: parseEther("0.1"), account: consumer });
 */
export async function deposit(client: Client, { amount, ...named }: DepositParameters): Promise<DepositReturnType> {
  const account = named.account ?? (await signerAddress(client, "deposit"));
  const payment = await pay(client, "market", amount);
  if (payment.kind !== "permit")
    return write(client, {
      contract: "market",
      functionName: "deposit",
      args: [account, amount],
      value: payment.value,
    });
  const args = [account, amount, ...payment.permit] as const;
  return write(client, { contract: "market", functionName: "depositWithPermit", args });
}
