import type { TransactionReceipt } from "ethers";

import { write } from "../access.ts";
import type { Client } from "../client.ts";
import { signerAddress } from "../currency.ts";

export interface WithdrawEarningsParameters {
  readonly workerId: bigint;
  /** Who is paid; the signer when left out. */
  readonly to?: string;
}
export type WithdrawEarningsReturnType = TransactionReceipt;

/**
 * Pays out all that a worker earned. The signer is its operator. Throws the contract's `NotWorkersOperator`.
 *
 * @example
 * await withdrawEarnings(client, { workerId });
 */
export async function withdrawEarnings(
  client: Client,
  { workerId, ...named }: WithdrawEarningsParameters,
): Promise<WithdrawEarningsReturnType> {
  const to = named.to ?? (await signerAddress(client, "withdrawEarnings"));
  return write(client, { contract: "market", functionName: "withdrawEarnings", args: [workerId, to] });
}
