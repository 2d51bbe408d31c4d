import { hexlify, type TransactionReceipt } from "ethers";

import { populateWrite, send, type UnsignedCall } from "../access.ts";
import type { Client } from "../client.ts";
import type { Job } from "../job.ts";

export interface SettleParameters {
  readonly job: Job;
  /** The output as it was executed; may be empty unless a callback is due at finality. */
  readonly output?: Uint8Array;
}
export type SettleReturnType = TransactionReceipt;

/**
 * Pays for a Vanilla answer whose window passed without a challenge. Anyone may.
 *
 * @example
 * await settle(client, { job, output });
 */
export function settle(client: Client, parameters: SettleParameters): Promise<SettleReturnType> {
  return send(client, populateSettle(client, parameters));
}

export function populateSettle(client: Pick<Client, "deployment">, parameters: SettleParameters): UnsignedCall {
  const { job, output = new Uint8Array() } = parameters;
  return populateWrite(client, { contract: "market", functionName: "settle", args: [job, hexlify(output)] });
}
