import type { TransactionReceipt } from "ethers";

import { write } from "../access.ts";
import type { Channel } from "../channels/voucher.ts";
import type { Client } from "../client.ts";

export interface CollectVoucherParameters {
  readonly channel: Channel;
  /** All that the channel has earned the payee so far. */
  readonly total: bigint;
  readonly signature: string;
}
export type CollectVoucherReturnType = TransactionReceipt;

/**
 * Credits the payee with what a voucher adds, as far as the deposit goes; `withdraw` takes it out. Anyone may. Throws the
 * contract's `VoucherNotCollected`.
 *
 * @example
 * await collectVoucher(client, { channel, total, signature });
 */
export function collectVoucher(
  client: Client,
  { channel, total, signature }: CollectVoucherParameters,
): Promise<CollectVoucherReturnType> {
  const args = [channel, total, signature] as const;
  return write(client, { contract: "paymentChannels", functionName: "collect", args });
}
