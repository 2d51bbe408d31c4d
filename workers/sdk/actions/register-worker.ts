import type { TransactionReceipt } from "ethers";

import { write } from "../access.ts";
import type { Client } from "../client.ts";
import { decodeWorkerLogs } from "../facts.ts";
import { findFact } from "../find-fact.ts";

export interface RegisterWorkerParameters {
  /** The address that acts for the worker; the signer becomes its operator. */
  readonly key: string;
  /** Wei per work unit. */
  readonly price: bigint;
  /** Wei sent along as stake, at least the registry's minimum. */
  readonly stake: bigint;
}
export interface RegisterWorkerReturnType {
  readonly workerId: bigint;
  readonly receipt: TransactionReceipt;
}

/**
 * Registers a worker with stake. Throws the contract's `StakeTooLow`, `KeyTaken`.
 *
 * @example
 * const { workerId } = await registerWorker(client, { key, price: 10n ** 9n, stake: parseEther("1") });
 */
export async function registerWorker(
  client: Client,
  { key, price, stake }: RegisterWorkerParameters,
): Promise<RegisterWorkerReturnType> {
  const args = [key, price] as const;
  const receipt = await write(client, { contract: "workerRegistry", functionName: "register", args, value: stake });
  const { workerId } = findFact(receipt, client.deployment.workerRegistry, decodeWorkerLogs, "WorkerRegistered");
  return { workerId, receipt };
}
