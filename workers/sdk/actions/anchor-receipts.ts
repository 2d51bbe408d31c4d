import type { TransactionReceipt } from "ethers";

import { write } from "../access.ts";
import type { Client } from "../client.ts";
import { decodeAnchorLogs } from "../facts.ts";
import { findFact } from "../find-fact.ts";
import { anchorsOf } from "../places.ts";
import { type MerkleTree, merkleTree } from "../receipts/merkle-tree.ts";
import { type Receipt, receiptLeaf } from "../receipts/receipt.ts";

export interface AnchorReceiptsParameters {
  readonly workerId: bigint;
  /** At least one; each names the worker's present key. */
  readonly receipts: readonly Receipt[];
  /** Where the receipts are found. */
  readonly uri: string;
}
export interface AnchorReceiptsReturnType {
  readonly anchorId: bigint;
  /** `tree.proofOf(index)` is what whoever challenges a receipt needs: give it to its requester. */
  readonly tree: MerkleTree;
  readonly receipt: TransactionReceipt;
}

/**
 * Puts a worker's stake behind receipts of answers that it gave off chain. The signer is its key or its operator.
 *
 * @example
 * const { anchorId, tree } = await anchorReceipts(client, { workerId, receipts, uri: "https://example.org/receipts" });
 */
export async function anchorReceipts(
  client: Client,
  { workerId, receipts, uri }: AnchorReceiptsParameters,
): Promise<AnchorReceiptsReturnType> {
  const place = anchorsOf(client.deployment);
  const tree = merkleTree(receipts.map((each) => receiptLeaf(place, each)));
  const args = [workerId, tree.root, BigInt(receipts.length), uri] as const;
  const receipt = await write(client, { contract: "receiptAnchors", functionName: "anchor", args });
  const { anchorId } = findFact(receipt, client.deployment.receiptAnchors, decodeAnchorLogs, "ReceiptsAnchored");
  return { anchorId, tree, receipt };
}
