import { hexlify, randomBytes, type TransactionReceipt } from "ethers";

import { write } from "../access.ts";
import { type Channel, channelIdOf } from "../channels/voucher.ts";
import type { Client } from "../client.ts";
import { pay, signerAddress } from "../currency.ts";
import { channelsOf } from "../places.ts";

export interface OpenChannelParameters {
  readonly payee: string;
  /** What vouchers can be worth in all, in the currency's smallest unit; `topUpChannel` adds to it. */
  readonly amount: bigint;
  /** Whose signature a voucher needs; the signer's own when left out. */
  readonly signer?: string;
  /** 32 bytes that tell channels between the same two apart; drawn by lot when left out. */
  readonly salt?: string;
}
export interface OpenChannelReturnType {
  readonly channelId: string;
  /** What every later step takes. */
  readonly channel: Channel;
  readonly receipt: TransactionReceipt;
}

/**
 * Opens a channel from the signer to a payee, who is then paid by vouchers off chain (`signVoucher`).
 *
 * @example
 * const { channel } = await openChannel(client, { payee, amount: parseEther("0.1") });
 */
export async function openChannel(client: Client, parameters: OpenChannelParameters): Promise<OpenChannelReturnType> {
  const { payee, amount } = parameters;
  const payer = await signerAddress(client, "openChannel");
  const channel = {
    payer,
    payee,
    signer: parameters.signer ?? payer,
    salt: parameters.salt ?? hexlify(randomBytes(32)),
  };
  const receipt = await open(client, channel, amount);
  return { channelId: channelIdOf(channelsOf(client.deployment), channel), channel, receipt };
}

async function open(client: Client, channel: Channel, amount: bigint): Promise<TransactionReceipt> {
  const payment = await pay(client, "paymentChannels", amount);
  const args = [channel, amount] as const;
  if (payment.kind !== "permit")
    return write(client, { contract: "paymentChannels", functionName: "open", args, value: payment.value });
  const permitted = [...args, ...payment.permit] as const;
  return write(client, { contract: "paymentChannels", functionName: "openWithPermit", args: permitted });
}
