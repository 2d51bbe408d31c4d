import type { TransactionReceipt } from "ethers";

import { populateWrite, send, type UnsignedCall } from "../access.ts";
import type { Client } from "../client.ts";

export interface ReturnToDrawsParameters {
  readonly workerId: bigint;
}
export type ReturnToDrawsReturnType = TransactionReceipt;

/**
 * Ends the suspension of a worker that let too many turns pass. The signer is its operator or its key. Throws the
 * contract's `NotSuspended`, `NotWorkersOperator`.
 *
 * @example
 * await returnToDraws(client, { workerId });
 */
export function returnToDraws(client: Client, parameters: ReturnToDrawsParameters): Promise<ReturnToDrawsReturnType> {
  return send(client, populateReturnToDraws(client, parameters));
}

export function populateReturnToDraws(
  client: Pick<Client, "deployment">,
  { workerId }: ReturnToDrawsParameters,
): UnsignedCall {
  return populateWrite(client, { contract: "market", functionName: "returnToDraws", args: [workerId] });
}
