import type { TransactionReceipt } from "ethers";

import { populateWrite, read, send, type UnsignedCall } from "../access.ts";
import type { Client } from "../client.ts";
import type { Job } from "../job.ts";

export interface ChallengeParameters {
  readonly job: Job;
  /** Wei; exactly the deployment's `challengeBond`, which is read when left out. */
  readonly bond?: bigint;
}
export type ChallengeReturnType = TransactionReceipt;

/**
 * Demands evidence for a Vanilla answer inside its window. The bond goes to the worker if it brings evidence, and comes
 * back with a share of the slash if not.
 *
 * @example
 * await challenge(client, { job });
 */
export async function challenge(client: Client, { job, bond }: ChallengeParameters): Promise<ChallengeReturnType> {
  return send(client, populateChallenge(client, { job, bond: bond ?? (await readBond(client)) }));
}

export function populateChallenge(
  client: Pick<Client, "deployment">,
  { job, bond }: Required<ChallengeParameters>,
): UnsignedCall {
  return populateWrite(client, { contract: "market", functionName: "challenge", args: [job], value: bond });
}

async function readBond(client: Client): Promise<bigint> {
  const { challengeBond } = await read(client, { contract: "market", functionName: "parameters", args: [] });
  return challengeBond;
}
