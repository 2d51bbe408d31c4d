import type { TransactionReceipt } from "ethers";

import { populateWrite, send, type UnsignedCall } from "../access.ts";
import type { Client } from "../client.ts";
import type { Job } from "../job.ts";

export interface ClaimParameters {
  readonly job: Job;
}
export type ClaimReturnType = TransactionReceipt;

/**
 * Binds the signing worker to bring evidence for a Tee or Zkml job in time, so that others need not duplicate the
 * work. Late means slashed.
 *
 * @example
 * await claim(client, { job });
 */
export function claim(client: Client, parameters: ClaimParameters): Promise<ClaimReturnType> {
  return send(client, populateClaim(client, parameters));
}

export function populateClaim(client: Pick<Client, "deployment">, { job }: ClaimParameters): UnsignedCall {
  return populateWrite(client, { contract: "market", functionName: "claim", args: [job] });
}
