import { getBytes } from "ethers";

import { decodeCall } from "./access.ts";
import type { Client } from "./client.ts";
import { decodeMarketLogs, type Position } from "./facts.ts";
import { type Job, jobIdOf } from "./job.ts";
import { onChain } from "./rpc-error.ts";
import { unverified } from "./unverified.ts";

/** What was sent to fulfill a job. */
export interface FulfilledWith {
  readonly output: Uint8Array;
  readonly evidence: Uint8Array;
  /** Key of the worker that sent it: what evidence binds. */
  readonly worker: string;
}

/**
 * The evidence of a job out of the calldata of the transaction that fulfilled it, alone or in a batch. Throws
 * `EVIDENCE_NOT_FOUND` if the transaction did not call the market itself, and `RESULT_UNVERIFIED` if it was about another
 * output.
 */
export async function fetchEvidence(
  client: Client,
  jobId: string,
  fulfilled: Pick<Position, "transactionHash"> & { readonly output: string },
): Promise<FulfilledWith> {
  const { transactionHash } = fulfilled;
  const transaction = await onChain(`transaction ${transactionHash}`, () =>
    client.provider.getTransaction(transactionHash),
  );
  const items = transaction?.to === client.deployment.market ? fulfillmentsIn(transaction.data) : [];
  const ours = items.flatMap((item, index) =>
    jobIdOf(client.deployment, item.job) === jobId ? [{ ...item, index }] : [],
  );
  // A batch may name a job more often: what counts is the item that had an effect.
  const failed = ours.length > 1 ? await failedItems(client, transactionHash) : new Set<number>();
  const sent = ours.find(({ index }) => !failed.has(index));
  if (transaction === null || sent === undefined)
    throw unverified("EVIDENCE_NOT_FOUND", `transaction ${transactionHash} did not call fulfill of the market itself`, {
      jobId,
      transactionHash,
    });
  if (sent.output !== fulfilled.output)
    throw unverified("RESULT_UNVERIFIED", "the fulfilled output is not the one in the log", { check: "output" });
  return { output: getBytes(sent.output), evidence: getBytes(sent.evidence), worker: transaction.from };
}

interface Fulfillment {
  readonly job: Job;
  readonly output: string;
  readonly evidence: string;
}

/** What a call of `fulfill` or `fulfillBatch` brings; nothing if the data is of another call, or of none. */
function fulfillmentsIn(data: string): readonly Fulfillment[] {
  const single = decodeCall("market", "fulfill", data);
  if (single !== undefined) {
    const [job, output, evidence] = single;
    return [{ job, output, evidence }];
  }
  return decodeCall("market", "fulfillBatch", data)?.[0] ?? [];
}

async function failedItems({ provider, deployment }: Client, transactionHash: string): Promise<Set<number>> {
  const receipt = await onChain(`receipt of ${transactionHash}`, () => provider.getTransactionReceipt(transactionHash));
  const logs = receipt?.logs.filter(({ address }) => address === deployment.market) ?? [];
  const failures = decodeMarketLogs(logs).filter((fact) => fact.kind === "BatchItemFailed");
  return new Set(failures.map(({ index }) => Number(index)));
}
