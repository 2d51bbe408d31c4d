import type { TransactionReceipt } from "ethers";

import { populateWrite, read, send, type UnsignedCall } from "../access.ts";
import type { Client } from "../client.ts";
import { cover } from "../cover.ts";
import { signerAddress } from "../currency.ts";
import type { Job } from "../job.ts";

export interface ChallengeParameters {
  readonly job: Job;
  /** Sent along and added to the signer's account first. What the account lacks of the bond when left out. */
  readonly value?: bigint;
}
export type ChallengeReturnType = TransactionReceipt;

/**
 * Demands evidence for a Vanilla answer inside its window, or the verdict of a panel if the version has no evidence. The
 * bond, the deployment's `challengeBond`, is taken from the signer's account; it goes to whoever is right.
 *
 * @example
 * await challenge(client, { job });
 */
export async function challenge(client: Client, { job, value }: ChallengeParameters): Promise<ChallengeReturnType> {
  return send(client, populateChallenge(client, { job, value: value ?? (await lackingBond(client)) }));
}

export function populateChallenge(
  client: Pick<Client, "deployment">,
  { job, value = 0n }: ChallengeParameters,
): UnsignedCall {
  return populateWrite(client, { contract: "market", functionName: "challenge", args: [job], value });
}

async function lackingBond(client: Client): Promise<bigint> {
  const account = await signerAddress(client, "challenge");
  const { challengeBond } = await read(client, { contract: "market", functionName: "parameters", args: [] });
  return cover(client, account, challengeBond);
}
