import type { TransactionReceipt } from "ethers";

import { write } from "../access.ts";
import type { Client } from "../client.ts";
import { type Level, levelSet } from "../level.ts";

export interface ServeParameters {
  readonly workerId: bigint;
  readonly versionId: string;
  /** Afterwards the worker serves the version at exactly these levels; none to stop. */
  readonly levels: readonly Level[];
}
export type ServeReturnType = TransactionReceipt;

/**
 * Says at which levels a worker serves a version. The signer is its operator or its key.
 *
 * @example
 * await serve(client, { workerId, versionId, levels: ["Vanilla", "Zkml"] });
 */
export function serve(client: Client, { workerId, versionId, levels }: ServeParameters): Promise<ServeReturnType> {
  const args = [workerId, versionId, levelSet(levels)] as const;
  return write(client, { contract: "workerRegistry", functionName: "serve", args });
}
