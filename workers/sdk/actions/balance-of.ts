import { read } from "../access.ts";
import type { Client } from "../client.ts";

/** Contracts that keep balances. */
export type Purse = "market" | "receiptAnchors" | "paymentChannels";

export interface BalanceOfParameters {
  readonly account: string;
  /** The market when left out. */
  readonly purse?: Purse;
}
/** In the currency's smallest unit. */
export type BalanceOfReturnType = bigint;

/**
 * The balance of an account: in the market what it prepaid and got back, else what waits to be withdrawn.
 *
 * @example
 * const balance = await balanceOf(client, { account });
 */
export function balanceOf(
  client: Client,
  { account, purse = "market" }: BalanceOfParameters,
): Promise<BalanceOfReturnType> {
  return read(client, { contract: purse, functionName: "balanceOf", args: [account] });
}
