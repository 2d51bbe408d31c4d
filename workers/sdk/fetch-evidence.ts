import { getBytes } from "ethers";

import type { Client } from "./client.ts";
import { interfaceOf } from "./contracts.ts";
import type { Position } from "./facts.ts";
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
 * The evidence of a job out of the calldata of the transaction that fulfilled it. Throws `EVIDENCE_NOT_FOUND` if the
 * transaction did not call the market itself, and `RESULT_UNVERIFIED` if it was about another output.
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
  const call = transaction?.to === client.deployment.market ? parseFulfill(transaction.data) : undefined;
  if (transaction === null || call === undefined)
    throw unverified("EVIDENCE_NOT_FOUND", `transaction ${transactionHash} did not call fulfill of the market itself`, {
      jobId,
      transactionHash,
    });
  if (call.output !== fulfilled.output)
    throw unverified("RESULT_UNVERIFIED", "the fulfilled output is not the one in the log", { check: "output" });
  return { output: getBytes(call.output), evidence: getBytes(call.evidence), worker: transaction.from };
}

/** Output and evidence of a call of `fulfill` as hex; undefined if the data is of another call, or of none. */
function parseFulfill(data: string): { readonly output: string; readonly evidence: string } | undefined {
  try {
    const [, output, evidence] = interfaceOf("market").decodeFunctionData("fulfill", data).toArray() as unknown[];
    return typeof output === "string" && typeof evidence === "string" ? { output, evidence } : undefined;
  } catch {
    return undefined;
  }
}
