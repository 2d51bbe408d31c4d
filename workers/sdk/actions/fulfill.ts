import { hexlify, type TransactionReceipt } from "ethers";

import { populateWrite, send, type UnsignedCall } from "../access.ts";
import type { Client } from "../client.ts";
import type { Job } from "../job.ts";

export interface FulfillParameters {
  readonly job: Job;
  /** Packed output tensors. */
  readonly output: Uint8Array;
  /** Zkml: `proofEvidence(proof, input)`. Tee: the enclave key's signature of `resultDigest`. */
  readonly evidence: Uint8Array;
}
export type FulfillReturnType = TransactionReceipt;

/**
 * Brings evidence for an output, which settles the job: pays the signing worker and calls the consumer.
 *
 * @example
 * await fulfill(client, { job, output, evidence: proofEvidence(proof, input) });
 */
export function fulfill(client: Client, parameters: FulfillParameters): Promise<FulfillReturnType> {
  return send(client, populateFulfill(client, parameters));
}

export function populateFulfill(client: Pick<Client, "deployment">, parameters: FulfillParameters): UnsignedCall {
  const { job, output, evidence } = parameters;
  const args = [job, hexlify(output), hexlify(evidence)] as const;
  return populateWrite(client, { contract: "market", functionName: "fulfill", args });
}
