import type { TransactionReceipt } from "ethers";

import { write } from "../access.ts";
import type { Client } from "../client.ts";
import type { Receipt } from "../receipts/receipt.ts";

export interface ResolveReceiptParameters {
  readonly anchorId: bigint;
  readonly receipt: Receipt;
}
export type ResolveReceiptReturnType = TransactionReceipt;

/**
 * Ends the challenge of a receipt whose evidence did not come in time: the anchor's stake is slashed. Anyone may. Throws
 * the contract's `EvidenceNotDue` (retryable).
 *
 * @example
 * await resolveReceipt(client, { anchorId, receipt });
 */
export function resolveReceipt(
  client: Client,
  { anchorId, receipt }: ResolveReceiptParameters,
): Promise<ResolveReceiptReturnType> {
  return write(client, { contract: "receiptAnchors", functionName: "resolve", args: [anchorId, receipt] });
}
