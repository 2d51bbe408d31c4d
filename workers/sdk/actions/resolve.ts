import type { TransactionReceipt } from "ethers";

import { populateWrite, send, type UnsignedCall } from "../access.ts";
import type { Client } from "../client.ts";
import type { Job } from "../job.ts";

export interface ResolveParameters {
  readonly job: Job;
}
export type ResolveReturnType = TransactionReceipt;

/**
 * Ends a challenge whose evidence did not come in time: refund, slash, reward for the challenger. Anyone may.
 *
 * @example
 * await resolve(client, { job });
 */
export function resolve(client: Client, parameters: ResolveParameters): Promise<ResolveReturnType> {
  return send(client, populateResolve(client, parameters));
}

export function populateResolve(client: Pick<Client, "deployment">, { job }: ResolveParameters): UnsignedCall {
  return populateWrite(client, { contract: "market", functionName: "resolve", args: [job] });
}
