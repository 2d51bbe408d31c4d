import { populateWrite, send, type UnsignedCall } from "../access.ts";
import { type BatchAnswer, batchResult, type BatchReturnType, toAnswer } from "../batch.ts";
import type { Client } from "../client.ts";

export interface ExecuteBatchParameters {
  readonly answers: readonly BatchAnswer[];
}

/**
 * Posts many answers in one transaction. One that fails has no effect on the others.
 *
 * @example
 * const { errors } = await executeBatch(client, { answers: [{ job, output }] });
 */
export async function executeBatch(client: Client, parameters: ExecuteBatchParameters): Promise<BatchReturnType> {
  const receipt = await send(client, populateExecuteBatch(client, parameters));
  return batchResult(client, receipt, parameters.answers.length);
}

export function populateExecuteBatch(
  client: Pick<Client, "deployment">,
  { answers }: ExecuteBatchParameters,
): UnsignedCall {
  const args = [answers.map(toAnswer)] as const;
  return populateWrite(client, { contract: "market", functionName: "executeBatch", args });
}
