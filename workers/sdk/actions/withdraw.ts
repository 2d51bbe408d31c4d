import type { TransactionReceipt } from "ethers";

import { write } from "../access.ts";
import type { Client } from "../client.ts";
import { SdkError } from "../errors.ts";

export interface WithdrawParameters {
  /** Wei. */
  readonly amount: bigint;
  /** Who is paid; the signer when left out. */
  readonly to?: string;
}
export type WithdrawReturnType = TransactionReceipt;

/**
 * Takes money out of the signer's balance in the market. Throws the contract's `BalanceTooLow`.
 *
 * @example
 * await withdraw(client, { amount: await balanceOf(client, { account }) });
 */
export async function withdraw(client: Client, parameters: WithdrawParameters): Promise<WithdrawReturnType> {
  const to = parameters.to ?? (await client.signer?.getAddress());
  if (to === undefined) throw new SdkError("SIGNER_MISSING", "withdraw: create the client with a signer");
  return write(client, { contract: "market", functionName: "withdraw", args: [parameters.amount, to] });
}
