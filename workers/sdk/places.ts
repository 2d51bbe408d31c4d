import type { ChannelsPlace } from "./channels/voucher.ts";
import type { Deployment } from "./deployment.ts";
import type { AnchorsPlace } from "./receipts/receipt.ts";

/** Where a deployment's channels are: what vouchers are signed for. */
export function channelsOf({ chainId, paymentChannels: channels }: Deployment): ChannelsPlace {
  return { chainId, channels };
}

/** Where a deployment's anchors are: what receipts are signed for. */
export function anchorsOf({ chainId, receiptAnchors: anchors }: Deployment): AnchorsPlace {
  return { chainId, anchors };
}
