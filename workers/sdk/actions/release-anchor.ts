import type { TransactionReceipt } from "ethers";

import { write } from "../access.ts";
import type { Client } from "../client.ts";

export interface ReleaseAnchorParameters {
  readonly anchorId: bigint;
}
export type ReleaseAnchorReturnType = TransactionReceipt;

/**
 * Lets go of the stake of an anchor whose window is over and on which no challenge is open. Anyone may. Throws the
 * contract's `AnchorNotDue` and `ChallengesOpen` (retryable).
 *
 * @example
 * await releaseAnchor(client, { anchorId });
 */
export function releaseAnchor(client: Client, { anchorId }: ReleaseAnchorParameters): Promise<ReleaseAnchorReturnType> {
  return write(client, { contract: "receiptAnchors", functionName: "release", args: [anchorId] });
}
