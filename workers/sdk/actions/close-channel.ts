import type { TransactionReceipt } from "ethers";

import { write } from "../access.ts";
import type { Channel } from "../channels/voucher.ts";
import type { Client } from "../client.ts";

export interface CloseChannelParameters {
  readonly channel: Channel;
  /** The last voucher, collected on the way; none when left out. */
  readonly last?: { readonly total: bigint; readonly signature: string };
}
export type CloseChannelReturnType = TransactionReceipt;

/**
 * The payee closes a channel at once; what it did not collect is the payer's. Throws the contract's `NotPayee`.
 *
 * @example
 * await closeChannel(client, { channel, last: { total, signature } });
 */
export function closeChannel(
  client: Client,
  { channel, last = { total: 0n, signature: "0x" } }: CloseChannelParameters,
): Promise<CloseChannelReturnType> {
  return write(client, { contract: "paymentChannels", functionName: "close", args: [{ channel, ...last }] });
}
