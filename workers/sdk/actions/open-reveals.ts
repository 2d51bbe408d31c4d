import type { TransactionReceipt } from "ethers";

import { populateWrite, send, type UnsignedCall } from "../access.ts";
import type { Client } from "../client.ts";
import type { Job } from "../job.ts";

export interface OpenRevealsParameters {
  readonly job: Job;
}
export type OpenRevealsReturnType = TransactionReceipt;

/**
 * Begins the reveals of a job's copies after its deadline, if more than half of the seats are taken. Anyone may. Where all
 * are, they have begun already.
 *
 * @example
 * await openReveals(client, { job });
 */
export function openReveals(client: Client, parameters: OpenRevealsParameters): Promise<OpenRevealsReturnType> {
  return send(client, populateOpenReveals(client, parameters));
}

export function populateOpenReveals(
  client: Pick<Client, "deployment">,
  parameters: OpenRevealsParameters,
): UnsignedCall {
  const { job } = parameters;
  return populateWrite(client, { contract: "market", functionName: "openReveals", args: [job] });
}
