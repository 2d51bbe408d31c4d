import { hexlify } from "ethers";

import { populateWrite, send, type UnsignedCall } from "../access.ts";
import { type BatchProof, batchResult, type BatchReturnType } from "../batch.ts";
import type { Client } from "../client.ts";

export interface FulfillBatchParameters {
  readonly answers: readonly BatchProof[];
}

/**
 * Brings evidence for many jobs in one transaction. Proofs of one version that are neighbours share one pairing check, which
 * makes each cheaper. One that fails has no effect on the others.
 *
 * @example
 * const { errors } = await fulfillBatch(client, { answers: [{ job, output, evidence }] });
 */
export async function fulfillBatch(client: Client, parameters: FulfillBatchParameters): Promise<BatchReturnType> {
  const receipt = await send(client, populateFulfillBatch(client, parameters));
  return batchResult(client, receipt, parameters.answers.length);
}

export function populateFulfillBatch(
  client: Pick<Client, "deployment">,
  { answers }: FulfillBatchParameters,
): UnsignedCall {
  const args = [
    answers.map(({ job, output, evidence }) => ({ job, output: hexlify(output), evidence: hexlify(evidence) })),
  ] as const;
  return populateWrite(client, { contract: "market", functionName: "fulfillBatch", args });
}
