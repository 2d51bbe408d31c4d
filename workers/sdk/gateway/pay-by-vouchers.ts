import type { Signer } from "ethers";

import type { Deployment } from "../deployment.ts";
import { type Channel, signVoucher } from "../channels/voucher.ts";
import { channelsOf } from "../places.ts";
import { findTerms, type Payer } from "./payer.ts";
import { networkOf, VOUCHER_SCHEME } from "./payment-schemes.ts";

export interface VoucherPayerOptions {
  /** Signs for the channel. */
  readonly signer: Pick<Signer, "signTypedData">;
  readonly deployment: Deployment;
  readonly channel: Channel;
  /** Most that one answer may cost. */
  readonly most: bigint;
  /** What vouchers were signed for before, in all: keep it (`payer.total`) as long as the channel is open. */
  readonly total?: bigint;
}

export interface VoucherPayer extends Payer {
  /** The highest total that was signed. The gateway can collect it, whether its answers came or not. */
  readonly total: bigint;
}

/**
 * Pays with vouchers of a channel to the gateway's payee. For one answer at a time. A voucher whose answer was refused is used
 * again; one of which nothing was heard may have been kept, so the next one is for both.
 *
 * @example
 * const { channel } = await openChannel(client, { payee, amount });
 * const payer = payByVouchers({ signer, deployment, channel, most: 10n ** 12n });
 */
export function payByVouchers(options: VoucherPayerOptions): VoucherPayer {
  const { signer, deployment, channel, most } = options;
  const place = channelsOf(deployment);
  let kept = options.total ?? 0n;
  let total = kept;

  return {
    get total() {
      return total;
    },
    async pay(asked) {
      const terms = findTerms(asked, { scheme: VOUCHER_SCHEME, network: networkOf(deployment.chainId), most });
      if (terms?.payTo.toLowerCase() !== channel.payee.toLowerCase()) return undefined;
      const next = kept + BigInt(terms.amount);
      total = next > total ? next : total;
      const signature = await signVoucher(signer, place, channel, next);
      const { payer, payee, salt } = channel;
      const named = { payer, payee, signer: channel.signer, salt };
      return { x402Version: 2, accepted: terms, payload: { channel: named, total: String(next), signature } };
    },
    told(outcome) {
      // A voucher that was used already was for an answer that got lost on its way: it counts as spent.
      const isSpent = outcome === "kept" || outcome.refused === "VOUCHER_SPENT" || outcome.refused === "PAYMENT_USED";
      if (isSpent) kept = total;
    },
  };
}
