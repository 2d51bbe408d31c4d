import { hexlify, type TransactionReceipt } from "ethers";

import { populateWrite, send, type UnsignedCall } from "../access.ts";
import type { Client } from "../client.ts";
import type { Job } from "../job.ts";

export interface ExecuteParameters {
  readonly job: Job;
  /** Packed output tensors. */
  readonly output: Uint8Array;
}
export type ExecuteReturnType = TransactionReceipt;

/**
 * Posts an answer with the signing worker's stake behind it. Vanilla: final after the challenge window. Tee, Zkml: an
 * early answer, for whose evidence `fulfill` is due in time.
 *
 * @example
 * await execute(client, { job, output: packTensors(spec.outputs, tensors) });
 */
export function execute(client: Client, parameters: ExecuteParameters): Promise<ExecuteReturnType> {
  return send(client, populateExecute(client, parameters));
}

export function populateExecute(client: Pick<Client, "deployment">, parameters: ExecuteParameters): UnsignedCall {
  const { job, output } = parameters;
  return populateWrite(client, { contract: "market", functionName: "execute", args: [job, hexlify(output)] });
}
