import { read } from "../access.ts";
import type { Client } from "../client.ts";

export interface GetStandingParameters {
  readonly workerId: bigint;
}

/** What is known of a worker; amounts are in the currency's smallest unit. */
export interface GetStandingReturnType {
  readonly operator: string;
  readonly key: string;
  readonly stake: bigint;
  /** Part of the stake that open jobs, copies and panels hold. */
  readonly bound: bigint;
  /** Part of the stake that anchored receipts hold. */
  readonly reserved: bigint;
  /** Per work unit. */
  readonly price: bigint;
  readonly isDraining: boolean;
  /** What its operator may withdraw. */
  readonly earned: bigint;
  /** Jobs and panels that it did well. */
  readonly done: bigint;
  /** Turns that it let pass while somebody else did the job. */
  readonly late: bigint;
  /** Times that it lost stake. */
  readonly slashed: bigint;
  /** Turns that it let pass since its last job. */
  readonly misses: bigint;
  /** Not drawn until `returnToDraws`. */
  readonly isSuspended: boolean;
}

/**
 * A worker's stake, reputation and earnings. Throws the contract's `WorkerIdUnknown`.
 *
 * @example
 * const { done, late, slashed, earned } = await getStanding(client, { workerId });
 */
export async function getStanding(client: Client, { workerId }: GetStandingParameters): Promise<GetStandingReturnType> {
  const args = [workerId] as const;
  const [worker, standing] = await Promise.all([
    read(client, { contract: "workerRegistry", functionName: "workerOf", args }),
    read(client, { contract: "market", functionName: "standingOf", args }),
  ]);
  const { operator, key, stake, reserved, price, draining: isDraining } = worker;
  const { suspended: isSuspended, ...counted } = standing;
  return { operator, key, stake, reserved, price, isDraining, ...counted, isSuspended };
}
