import type { Logger } from "pino";

import type { OffMarket } from "../../daemon/index.ts";
import { populateWrite } from "../../sdk/access.ts";
import { getChannel } from "../../sdk/actions/get-channel.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { HeldVoucher } from "../ledger/rows.ts";

export interface CollectOptions {
  readonly offMarket: Pick<OffMarket, "read" | "send" | "deployment">;
  readonly ledger: Ledger;
  /** What a voucher must bring in to be worth its gas; one of a channel that is closing is collected all the same. */
  readonly least: bigint;
  readonly logger: Logger;
}

/** Vouchers of one transaction: about 18,500 gas each. */
const MOST_AT_ONCE = 64;

/** Collects what vouchers are worth, to the payee's credit with the contract. Returns how much that was. */
export async function collectVouchers(options: CollectOptions): Promise<bigint> {
  const due: HeldVoucher[] = [];
  for (const held of options.ledger.uncollected()) if (await isDue(options, held)) due.push(held);
  let brought = 0n;
  for (let at = 0; at < due.length; at += MOST_AT_ONCE)
    brought += await collect(options, due.slice(at, at + MOST_AT_ONCE));
  return brought;
}

async function isDue({ offMarket, ledger, least, logger }: CollectOptions, held: HeldVoucher): Promise<boolean> {
  const { channelId, channel, total } = held;
  const { state, deposit, collected } = await offMarket.read(`channel ${channelId}`, (client) =>
    getChannel(client, { channel }),
  );
  if (state === "Closed" || state === "None") {
    const lost = total - held.collected;
    logger.error(
      { channel: channelId, state, lost: String(lost) },
      "a channel closed before its voucher was collected",
    );
    ledger.closed(channelId);
    return false;
  }
  if (collected !== held.collected) ledger.collected(channelId, collected);
  const worth = (total < deposit ? total : deposit) - collected;
  return worth > 0n && (worth >= least || state === "Closing");
}

async function collect({ offMarket, ledger, logger }: CollectOptions, due: readonly HeldVoucher[]): Promise<bigint> {
  const vouchers = due.map(({ channel, total, signature }) => ({ channel, total, signature }));
  const call = { contract: "paymentChannels", functionName: "collectMany", args: [vouchers] } as const;
  const { transactionHash, ok } = await offMarket.send("collect-vouchers", populateWrite(offMarket, call));
  let brought = 0n;
  for (const { channelId, channel, collected: before } of due) {
    const { collected } = await offMarket.read(`channel ${channelId}`, (client) => getChannel(client, { channel }));
    ledger.collected(channelId, collected);
    brought += collected - before;
  }
  logger.info({ transactionHash, ok, channels: due.length, brought: String(brought) }, "vouchers collected");
  return brought;
}
