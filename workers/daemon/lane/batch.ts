import type { TransactionReceipt } from "ethers";

import { populateWrite, type UnsignedCall } from "../../sdk/access.ts";
import type { Client } from "../../sdk/client.ts";
import { decodeMarketLogs } from "../../sdk/facts.ts";
import type { Job } from "../../sdk/job.ts";
import type { Hex } from "../facts.ts";

/** A send that may share a transaction with others of its kind. */
export interface BatchItem {
  readonly kind: "execute" | "settle" | "fulfill";
  /** `evidence` counts for `fulfill` only. */
  readonly answer: { readonly job: Job; readonly output: Hex; readonly evidence: Hex };
}

/** One transaction for several jobs. */
export function batchCall(
  client: Pick<Client, "deployment">,
  kind: BatchItem["kind"],
  items: readonly BatchItem[],
): UnsignedCall {
  const contract = "market";
  const answers = items.map(({ answer: { job, output } }) => ({ job, output }));
  switch (kind) {
    case "execute":
      return populateWrite(client, { contract, functionName: "executeBatch", args: [answers] });
    case "settle":
      return populateWrite(client, { contract, functionName: "settleBatch", args: [answers] });
    case "fulfill":
      return populateWrite(client, {
        contract,
        functionName: "fulfillBatch",
        args: [items.map(({ answer }) => answer)],
      });
  }
}

/** Places of the items of a batch that had no effect. */
export function failedItems({ logs, to }: TransactionReceipt): ReadonlySet<number> {
  const events = decodeMarketLogs(logs.filter(({ address }) => address === to));
  return new Set(events.flatMap((event) => (event.kind === "BatchItemFailed" ? [Number(event.index)] : [])));
}
