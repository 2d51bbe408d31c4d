import { hexlify, type TransactionReceipt } from "ethers";

import { populateWrite, send, type UnsignedCall } from "../access.ts";
import type { Client } from "../client.ts";
import type { Job } from "../job.ts";

export interface RetryCallbackParameters {
  readonly job: Job;
  /** The output that the consumer should have been given. */
  readonly output: Uint8Array;
}
export type RetryCallbackReturnType = TransactionReceipt;

/**
 * Repeats a callback that failed. Anyone may; the job's money is not touched.
 *
 * @example
 * await retryCallback(client, { job, output });
 */
export function retryCallback(client: Client, parameters: RetryCallbackParameters): Promise<RetryCallbackReturnType> {
  return send(client, populateRetryCallback(client, parameters));
}

export function populateRetryCallback(
  client: Pick<Client, "deployment">,
  { job, output }: RetryCallbackParameters,
): UnsignedCall {
  return populateWrite(client, { contract: "market", functionName: "retryCallback", args: [job, hexlify(output)] });
}
