/**
 * Payment by vouchers of channels to this gateway's payee.
 *
 * A voucher counts if its channel's key signed it, its total is above every one that was taken before and pays for all answers
 * of the channel so far and this one, and the channel is open with a deposit that covers it. What the chain says of a
 * channel is remembered for a moment: a deposit never shrinks while a channel is open, and one that begins to close leaves
 * the payee the dispute window, in which this gateway collects.
 *
 * Answers of one channel may be made at the same time, each with a voucher of its own: what they will cost and the totals
 * that they showed are set aside until they are recorded.
 */
import type { PaymentRequirements } from "@x402/core/types";
import { ZeroAddress } from "ethers";

import type { OffMarket } from "../../daemon/index.ts";
import { read } from "../../sdk/access.ts";
import { CHANNEL_STATES, type GetChannelReturnType } from "../../sdk/actions/get-channel.ts";
import { type Channel, channelIdOf, isVoucherSigned } from "../../sdk/channels/voucher.ts";
import { networkOf, VOUCHER_SCHEME, voucherPayload } from "../../sdk/gateway/payment-schemes.ts";
import { channelsOf } from "../../sdk/places.ts";
import { GatewayError } from "../gateway-error.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { parsePayload } from "./parse-payload.ts";
import type { Till } from "./till.ts";

export interface VoucherTillOptions {
  readonly offMarket: OffMarket;
  readonly ledger: Ledger;
  readonly payee: string;
  /** The ERC-20 in which channels are paid; undefined for the chain's own coin. */
  readonly token: string | undefined;
  /** Blocks that must follow the one with a deposit before it counts. */
  readonly confirmations: number;
  /** Milliseconds for which the chain's word on a channel is taken again. */
  readonly rememberFor?: number;
  readonly clock?: () => number;
}

type ChannelStatus = Pick<GetChannelReturnType, "state" | "deposit" | "collected">;

interface SetAside {
  readonly total: bigint;
  readonly price: bigint;
}

const MOST_REMEMBERED = 10_000;

export function createVoucherTill(options: VoucherTillOptions): Till {
  const { offMarket, ledger, payee, token, confirmations, rememberFor = 5000, clock = Date.now } = options;
  const { deployment } = offMarket;
  const place = channelsOf(deployment);
  const setAside = new Map<string, Set<SetAside>>();
  const remembered = new Map<string, { readonly status: ChannelStatus; readonly until: number }>();

  const look = async (channelId: string): Promise<ChannelStatus> => {
    const status = await offMarket.read(`channel ${channelId}`, async (client) => {
      const at = async (blockTag: number | "latest") =>
        read(client, { contract: "paymentChannels", functionName: "statusOf", args: [channelId], blockTag });
      const newest = await at("latest");
      const head = confirmations === 0 ? 0 : await client.provider.getBlockNumber();
      const sure = confirmations === 0 ? newest : await at(Math.max(0, head - confirmations));
      const { collected } = newest;
      return { state: CHANNEL_STATES[Number(newest.state)] ?? "None", deposit: sure.deposit, collected };
    });
    if (remembered.size >= MOST_REMEMBERED) remembered.clear();
    remembered.set(channelId, { status, until: clock() + rememberFor });
    return status;
  };
  const statusOf = async (channelId: string, total: bigint): Promise<ChannelStatus> => {
    const known = remembered.get(channelId);
    // After a top-up, what is remembered would be too little.
    return known !== undefined && clock() < known.until && known.status.deposit >= total
      ? known.status
      : look(channelId);
  };

  /** The least total that pays for one more answer. */
  const neededFor = (channelId: string, price: bigint, { collected }: ChannelStatus): bigint => {
    const held = ledger.voucher(channelId);
    const waiting = [...(setAside.get(channelId) ?? [])];
    const highest = [held?.total ?? 0n, collected, ...waiting.map(({ total }) => total)].reduce(larger);
    // Somebody else may have collected for the same payee what this ledger does not know.
    const known = held?.spent ?? 0n;
    const spent = collected > (held?.total ?? 0n) ? larger(collected, known) : known;
    const cost = waiting.reduce((sum, one) => sum + one.price, spent + price);
    return larger(highest + 1n, cost);
  };

  const hold = (channelId: string, one: SetAside): (() => void) => {
    const ofChannel = setAside.get(channelId) ?? new Set();
    setAside.set(channelId, ofChannel.add(one));
    return () => {
      ofChannel.delete(one);
      if (ofChannel.size === 0) setAside.delete(channelId);
    };
  };

  const requireUsable = (channelId: string, status: ChannelStatus, total: bigint): void => {
    if (status.state !== "Open")
      throw new GatewayError("CHANNEL_NOT_OPEN", `channel ${channelId} is ${status.state}: open another one`, {
        retryable: status.state === "None",
        details: { channelId, state: status.state },
      });
    if (status.deposit < total)
      throw new GatewayError(
        "DEPOSIT_TOO_LOW",
        `channel ${channelId} has a deposit of ${status.deposit}${confirmations === 0 ? "" : ` ${confirmations} blocks deep`}: top it up to ${total}`,
        { retryable: true, details: { channelId, had: String(status.deposit), needed: String(total) } },
      );
  };

  return {
    scheme: VOUCHER_SCHEME,
    requirements: ({ price }) =>
      price === 0n
        ? null
        : {
            scheme: VOUCHER_SCHEME,
            network: networkOf(deployment.chainId),
            amount: String(price),
            asset: token ?? ZeroAddress,
            payTo: payee,
            maxTimeoutSeconds: 3600,
            extra: { channels: deployment.paymentChannels },
          },
    keyOf(payload) {
      const { channel, total } = parsePayload(voucherPayload, payload);
      return `voucher:${channelIdOf(place, channel)}:${total}`;
    },
    async take(payload, { amount }: PaymentRequirements) {
      const { channel, total, signature } = parsePayload(voucherPayload, payload);
      requirePayee(channel, payee);
      if (!isVoucherSigned(place, channel, total, signature))
        throw new GatewayError(
          "VOUCHER_UNSIGNED",
          `the voucher over ${total} is not signed by the key ${channel.signer}: contracts that sign are not taken here`,
        );
      const channelId = channelIdOf(place, channel);
      const price = BigInt(amount);
      const status = await statusOf(channelId, total);
      requireUsable(channelId, status, total);
      // From here on without a pause: what is set aside must be counted by the next one.
      const needed = neededFor(channelId, price, status);
      if (total < needed)
        throw new GatewayError("VOUCHER_SPENT", `the voucher over ${total} is too low: sign ${needed}`, {
          details: { channelId, had: String(total), needed: String(needed) },
        });
      const release = hold(channelId, { total, price });
      const voucher = { channelId, channel, total, signature, price };
      return { key: `voucher:${channelId}:${total}`, payer: channel.payer, voucher, due: null, release };
    },
    settle: () => Promise.reject(new GatewayError("SETTLEMENT_FAILED", "a voucher is collected, not settled")),
  };
}

function requirePayee(channel: Channel, payee: string): void {
  if (channel.payee.toLowerCase() !== payee.toLowerCase())
    throw new GatewayError("CHANNEL_OF_ANOTHER", `the channel pays ${channel.payee}; open one that pays ${payee}`, {
      details: { had: channel.payee, needed: payee },
    });
}

function larger(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
