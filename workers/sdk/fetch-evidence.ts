import { getBytes, type Result } from "ethers";

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
  const call = transaction === null ? null : interfaceOf("market").parseTransaction(transaction);
  if (transaction?.to !== client.deployment.market || call?.name !== "fulfill")
    throw unverified("EVIDENCE_NOT_FOUND", `transaction ${transactionHash} did not call fulfill of the market itself`, {
      jobId,
      transactionHash,
    });
  const [output, evidence] = [text(call.args, 1), text(call.args, 2)];
  if (output !== fulfilled.output)
    throw unverified("RESULT_UNVERIFIED", "the fulfilled output is not the one in the log", { check: "output" });
  return { output: getBytes(output), evidence: getBytes(evidence), worker: transaction.from };
}

function text(args: Result, index: number): string {
  const value: unknown = args[index];
  if (typeof value !== "string") throw new TypeError(`argument ${index} of fulfill is not bytes`);
  return value;
}
