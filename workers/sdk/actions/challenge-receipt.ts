import type { TransactionReceipt } from "ethers";

import { read, write } from "../access.ts";
import type { Client } from "../client.ts";
import { allow } from "../currency.ts";
import type { Receipt } from "../receipts/receipt.ts";

export interface ChallengeReceiptParameters {
  readonly anchorId: bigint;
  readonly receipt: Receipt;
  /** The siblings on the way from the receipt's leaf to the anchor's root. */
  readonly proof: readonly string[];
}
export type ChallengeReceiptReturnType = TransactionReceipt;

/**
 * Demands evidence for an anchored receipt, with the deployment's bond. Throws the contract's `AnchorClosed`,
 * `LeafNotInAnchor`, `VersionNotJudged`.
 *
 * @example
 * await challengeReceipt(client, { anchorId, receipt, proof: tree.proofOf(0) });
 */
export async function challengeReceipt(
  client: Client,
  { anchorId, receipt, proof }: ChallengeReceiptParameters,
): Promise<ChallengeReceiptReturnType> {
  const { challengeBond } = await read(client, { contract: "receiptAnchors", functionName: "parameters", args: [] });
  const value = await allow(client, "receiptAnchors", challengeBond);
  const args = [anchorId, receipt, proof] as const;
  return write(client, { contract: "receiptAnchors", functionName: "challenge", args, value });
}
