import type { TransactionReceipt } from "ethers";

import { populateWrite, send, type UnsignedCall } from "../access.ts";
import type { Client } from "../client.ts";
import type { Job } from "../job.ts";

export interface ExpireParameters {
  readonly job: Job;
}
export type ExpireReturnType = TransactionReceipt;

/**
 * Ends a job that is late: refunds the requester, and slashes the worker that was bound to it, if any. Anyone may.
 *
 * @example
 * await expire(client, { job });
 */
export function expire(client: Client, parameters: ExpireParameters): Promise<ExpireReturnType> {
  return send(client, populateExpire(client, parameters));
}

export function populateExpire(client: Pick<Client, "deployment">, { job }: ExpireParameters): UnsignedCall {
  return populateWrite(client, { contract: "market", functionName: "expire", args: [job] });
}
