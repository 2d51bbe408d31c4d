import type { TransactionReceipt } from "ethers";

import { write } from "../access.ts";
import type { Client } from "../client.ts";
import { signerAddress } from "../currency.ts";
import type { Purse } from "./balance-of.ts";

export interface WithdrawParameters {
  /** In the currency's smallest unit. */
  readonly amount: bigint;
  /** Who is paid; the signer when left out. */
  readonly to?: string;
  /** The market when left out. */
  readonly purse?: Purse;
}
export type WithdrawReturnType = TransactionReceipt;

/**
 * Takes money out of the signer's balance. Throws the contract's `BalanceTooLow`.
 *
 * @example
 * await withdraw(client, { amount: await balanceOf(client, { account }) });
 */
export async function withdraw(
  client: Client,
  { amount, purse = "market", ...named }: WithdrawParameters,
): Promise<WithdrawReturnType> {
  const to = named.to ?? (await signerAddress(client, "withdraw"));
  return write(client, { contract: purse, functionName: "withdraw", args: [amount, to] });
}
