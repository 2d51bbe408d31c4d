import type { TransactionReceipt } from "ethers";

import { write } from "../access.ts";
import type { Client } from "../client.ts";
import { pay } from "../currency.ts";
import { decodeWorkerLogs } from "../facts.ts";
import { findFact } from "../find-fact.ts";

export interface RegisterWorkerParameters {
  /** The address that acts for the worker; the signer becomes its operator. */
  readonly key: string;
  /** Per work unit, in the currency's smallest unit. */
  readonly price: bigint;
  /** At least the registry's minimum. Every minimum is a ticket in draws, up to eight. */
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
  parameters: RegisterWorkerParameters,
): Promise<RegisterWorkerReturnType> {
  const receipt = await register(client, parameters);
  const { workerId } = findFact(receipt, client.deployment.workerRegistry, decodeWorkerLogs, "WorkerRegistered");
  return { workerId, receipt };
}

async function register(client: Client, { key, price, stake }: RegisterWorkerParameters): Promise<TransactionReceipt> {
  const payment = await pay(client, "workerRegistry", stake);
  const args = [key, price, stake] as const;
  if (payment.kind !== "permit")
    return write(client, { contract: "workerRegistry", functionName: "register", args, value: payment.value });
  const permitted = [...args, ...payment.permit] as const;
  return write(client, { contract: "workerRegistry", functionName: "registerWithPermit", args: permitted });
}
