import { read } from "../access.ts";
import type { Client } from "../client.ts";

export interface BalanceOfParameters {
  readonly account: string;
}
/** Wei. */
export type BalanceOfReturnType = bigint;

/**
 * The prepaid balance of an account in the market, and what it earned there.
 *
 * @example
 * const balance = await balanceOf(client, { account });
 */
export function balanceOf(client: Client, { account }: BalanceOfParameters): Promise<BalanceOfReturnType> {
  return read(client, { contract: "market", functionName: "balanceOf", args: [account] });
}
