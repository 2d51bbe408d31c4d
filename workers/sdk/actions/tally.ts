import { hexlify, type TransactionReceipt } from "ethers";

import { populateWrite, send, type UnsignedCall } from "../access.ts";
import type { Client } from "../client.ts";
import type { Job } from "../job.ts";

export interface TallyParameters {
  readonly job: Job;
  /** The majority's; may be empty unless a callback is due at the first answer. */
  readonly output?: Uint8Array;
}
export type TallyReturnType = TransactionReceipt;

/**
 * Counts the answers of a job's copies once all are revealed or their time is over. The majority's answer is executed;
 * whoever answered otherwise, or not at all, is slashed. Anyone may.
 *
 * @example
 * await tally(client, { job, output });
 */
export function tally(client: Client, parameters: TallyParameters): Promise<TallyReturnType> {
  return send(client, populateTally(client, parameters));
}

export function populateTally(client: Pick<Client, "deployment">, parameters: TallyParameters): UnsignedCall {
  const { job, output = new Uint8Array() } = parameters;
  return populateWrite(client, { contract: "market", functionName: "tally", args: [job, hexlify(output)] });
}
