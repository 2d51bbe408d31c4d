import { hexlify, type TransactionReceipt } from "ethers";

import type { Client } from "./client.ts";
import { errorNameOf } from "./decode-revert.ts";
import { decodeMarketLogs } from "./facts.ts";
import type { Job } from "./job.ts";

/** One item of `executeBatch` and `settleBatch`. */
export interface BatchAnswer {
  readonly job: Job;
  /** Packed. To settle, it may be left out unless a callback is due. */
  readonly output?: Uint8Array;
}

/** One item of `fulfillBatch`. */
export interface BatchProof {
  readonly job: Job;
  readonly output: Uint8Array;
  readonly evidence: Uint8Array;
}

export interface BatchReturnType {
  readonly receipt: TransactionReceipt;
  /** For each item the Solidity name of the error for which it had no effect, or null. */
  readonly errors: readonly (string | null)[];
}

/** As the contracts take it. */
export function toAnswer({ job, output = new Uint8Array() }: BatchAnswer): { job: Job; output: string } {
  return { job, output: hexlify(output) };
}

/** What became of each item of a batch that was mined. */
export function batchResult({ deployment }: Client, receipt: TransactionReceipt, items: number): BatchReturnType {
  const errors = Array.from({ length: items }, (): string | null => null);
  const ours = receipt.logs.filter((log) => log.address === deployment.market);
  for (const fact of decodeMarketLogs(ours))
    if (fact.kind === "BatchItemFailed") errors[Number(fact.index)] = errorNameOf(fact.code);
  return { receipt, errors };
}
