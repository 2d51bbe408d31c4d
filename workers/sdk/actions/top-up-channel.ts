import type { TransactionReceipt } from "ethers";

import { write } from "../access.ts";
import type { Channel } from "../channels/voucher.ts";
import type { Client } from "../client.ts";
import { allow } from "../currency.ts";

export interface TopUpChannelParameters {
  readonly channel: Channel;
  readonly amount: bigint;
}
export type TopUpChannelReturnType = TransactionReceipt;

/**
 * Adds to the deposit of an open channel. Anyone may; what is left goes to the payer all the same.
 *
 * @example
 * await topUpChannel(client, { channel, amount });
 */
export async function topUpChannel(
  client: Client,
  { channel, amount }: TopUpChannelParameters,
): Promise<TopUpChannelReturnType> {
  const value = await allow(client, "paymentChannels", amount);
  return write(client, { contract: "paymentChannels", functionName: "topUp", args: [channel, amount], value });
}
