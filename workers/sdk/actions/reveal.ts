import { hexlify, type TransactionReceipt } from "ethers";

import { populateWrite, send, type UnsignedCall } from "../access.ts";
import type { Client } from "../client.ts";
import type { Job } from "../job.ts";

export interface RevealParameters {
  readonly job: Job;
  /** Packed output tensors. */
  readonly output: Uint8Array;
  /** As in the commitment. */
  readonly salt: string;
}
export type RevealReturnType = TransactionReceipt;

/**
 * Shows the answer that the signing worker committed to. Who does not reveal in time loses the stake of its seat.
 *
 * @example
 * await reveal(client, { job, output, salt });
 */
export function reveal(client: Client, parameters: RevealParameters): Promise<RevealReturnType> {
  return send(client, populateReveal(client, parameters));
}

export function populateReveal(client: Pick<Client, "deployment">, parameters: RevealParameters): UnsignedCall {
  const { job, output, salt } = parameters;
  return populateWrite(client, { contract: "market", functionName: "reveal", args: [job, hexlify(output), salt] });
}
