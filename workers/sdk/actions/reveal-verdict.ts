import type { TransactionReceipt } from "ethers";

import { populateWrite, send, type UnsignedCall } from "../access.ts";
import type { Client } from "../client.ts";
import type { Job } from "../job.ts";

export interface RevealVerdictParameters {
  readonly job: Job;
  /** keccak256 of the packed output. */
  readonly outputHash: string;
  /** As in the commitment. */
  readonly salt: string;
}
export type RevealVerdictReturnType = TransactionReceipt;

/**
 * Shows the answer that the signing worker committed to on a panel. Who does not reveal in time loses the stake of its
 * seat.
 *
 * @example
 * await revealVerdict(client, { job, outputHash, salt });
 */
export function revealVerdict(client: Client, parameters: RevealVerdictParameters): Promise<RevealVerdictReturnType> {
  return send(client, populateRevealVerdict(client, parameters));
}

export function populateRevealVerdict(
  client: Pick<Client, "deployment">,
  parameters: RevealVerdictParameters,
): UnsignedCall {
  const { job, outputHash, salt } = parameters;
  return populateWrite(client, { contract: "market", functionName: "revealVerdict", args: [job, outputHash, salt] });
}
