import { MaxUint256, type TransactionReceipt } from "ethers";

import { write } from "../access.ts";
import type { Client } from "../client.ts";

export interface AllowConsumerParameters {
  readonly consumer: string;
  /** What it may spend in all; without a limit when left out, 0 to take the permission back. */
  readonly amount?: bigint;
}
export type AllowConsumerReturnType = TransactionReceipt;

/**
 * Lets a contract ask for inferences from the signer's prepaid balance.
 *
 * @example
 * await allowConsumer(client, { consumer, amount: parseEther("0.1") });
 */
export function allowConsumer(
  client: Client,
  { consumer, amount = MaxUint256 }: AllowConsumerParameters,
): Promise<AllowConsumerReturnType> {
  return write(client, { contract: "market", functionName: "allowConsumer", args: [consumer, amount] });
}
