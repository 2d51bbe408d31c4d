import type { TransactionReceipt } from "ethers";

import { write } from "../access.ts";
import type { Channel } from "../channels/voucher.ts";
import type { Client } from "../client.ts";
import { getChannel } from "./get-channel.ts";

export interface ReclaimChannelParameters {
  readonly channel: Channel;
}
export type ReclaimChannelReturnType = TransactionReceipt;

/**
 * Gets back what a channel's payee did not collect, in two steps: the payer asks for it, and after the dispute window, in
 * which the payee collects what it has, the same call by anyone ends the channel. Throws the contract's `NotPayer`,
 * `ChannelNotDue` (retryable), `ChannelStateMismatch`.
 *
 * @example
 * await reclaimChannel(client, { channel });
 */
export async function reclaimChannel(
  client: Client,
  { channel }: ReclaimChannelParameters,
): Promise<ReclaimChannelReturnType> {
  const { state } = await getChannel(client, { channel });
  const functionName = state === "Closing" ? "finish" : "startClosing";
  return write(client, { contract: "paymentChannels", functionName, args: [channel] });
}
