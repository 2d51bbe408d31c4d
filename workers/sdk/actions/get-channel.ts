import { read } from "../access.ts";
import { type Channel, channelIdOf } from "../channels/voucher.ts";
import type { Client } from "../client.ts";
import { channelsOf } from "../places.ts";

export interface GetChannelParameters {
  readonly channel: Channel;
}

/** The contract's states in the order of their enum. */
export const CHANNEL_STATES = ["None", "Open", "Closing", "Closed"] as const;

export interface GetChannelReturnType {
  readonly channelId: string;
  readonly state: (typeof CHANNEL_STATES)[number];
  /** All that was ever put in; zero once the channel is closed. */
  readonly deposit: bigint;
  /** Part of it that the payee was credited. */
  readonly collected: bigint;
  /** While closing: when the payee's time is over, in Unix seconds. */
  readonly closesAt: bigint;
}

/**
 * The state of a channel.
 *
 * @example
 * const { deposit, collected } = await getChannel(client, { channel });
 */
export async function getChannel(client: Client, { channel }: GetChannelParameters): Promise<GetChannelReturnType> {
  const channelId = channelIdOf(channelsOf(client.deployment), channel);
  const args = [channelId] as const;
  const { state, ...status } = await read(client, { contract: "paymentChannels", functionName: "statusOf", args });
  return { channelId, state: CHANNEL_STATES[Number(state)] ?? "None", ...status };
}
