import { populateWrite, send, type UnsignedCall } from "../access.ts";
import { type BatchAnswer, batchResult, type BatchReturnType, toAnswer } from "../batch.ts";
import type { Client } from "../client.ts";

export interface SettleBatchParameters {
  readonly answers: readonly BatchAnswer[];
}

/**
 * Pays for many Vanilla answers whose windows passed, in one transaction. One that fails has no effect on the others.
 *
 * @example
 * const { errors } = await settleBatch(client, { answers: jobs.map((job) => ({ job })) });
 */
export async function settleBatch(client: Client, parameters: SettleBatchParameters): Promise<BatchReturnType> {
  const receipt = await send(client, populateSettleBatch(client, parameters));
  return batchResult(client, receipt, parameters.answers.length);
}

export function populateSettleBatch(
  client: Pick<Client, "deployment">,
  { answers }: SettleBatchParameters,
): UnsignedCall {
  const args = [answers.map(toAnswer)] as const;
  return populateWrite(client, { contract: "market", functionName: "settleBatch", args });
}
