import { hexlify, type TransactionReceipt } from "ethers";

import { write } from "../access.ts";
import type { Client } from "../client.ts";
import type { Receipt } from "../receipts/receipt.ts";

export interface ShowReceiptParameters {
  readonly anchorId: bigint;
  readonly receipt: Receipt;
  /** Packed output tensors. */
  readonly output: Uint8Array;
  /** A proof or an enclave's signature for `receiptResultDigest`. */
  readonly evidence: Uint8Array;
}
export type ShowReceiptReturnType = TransactionReceipt;

/**
 * Brings evidence for a challenged receipt, which earns its worker the bond. Anyone may.
 *
 * @example
 * await showReceipt(client, { anchorId, receipt, output, evidence: proofEvidence(proof, input) });
 */
export function showReceipt(client: Client, parameters: ShowReceiptParameters): Promise<ShowReceiptReturnType> {
  const { anchorId, receipt, output, evidence } = parameters;
  const args = [anchorId, receipt, hexlify(output), hexlify(evidence)] as const;
  return write(client, { contract: "receiptAnchors", functionName: "fulfill", args });
}
