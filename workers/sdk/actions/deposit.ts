import type { TransactionReceipt } from "ethers";

import { write } from "../access.ts";
import type { Client } from "../client.ts";
import { SdkError } from "../errors.ts";

export interface DepositParameters {
  /** Wei. */
  readonly amount: bigint;
  /** Whose balance grows; the signer's when left out. */
  readonly account?: string;
}
export type DepositReturnType = TransactionReceipt;

/**
 * Adds to a prepaid balance in the market, from which requests are paid.
 *
 * @example
 * await deposit(client, { amount: parseEther("0.1"), account: consumer });
 */
export async function deposit(client: Client, parameters: DepositParameters): Promise<DepositReturnType> {
  const account = parameters.account ?? (await client.signer?.getAddress());
  if (account === undefined) throw new SdkError("SIGNER_MISSING", "deposit: create the client with a signer");
  return write(client, {
    contract: "market",
    functionName: "deposit",
    args: [account],
    value: parameters.amount,
  });
}
