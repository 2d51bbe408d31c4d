import { toBeHex } from "ethers";

import { read } from "../access.ts";
import type { Client } from "../client.ts";
import { decodeModelLogs } from "../facts.ts";
import { fetchLogs } from "../fetch-logs.ts";
import { describeVersion, type Version } from "../version.ts";

export interface ListVersionsParameters {
  /** Of all models when left out. */
  readonly modelId?: bigint;
}
export type ListVersionsReturnType = Version[];

/**
 * All versions of a model or of the deployment, oldest first.
 *
 * @example
 * for (const { versionId, levels } of await listVersions(client, { modelId: 1n })) console.log(versionId, levels);
 */
export async function listVersions(
  client: Client,
  { modelId }: ListVersionsParameters = {},
): Promise<ListVersionsReturnType> {
  const logs = await fetchLogs(client, {
    contract: "modelRegistry",
    events: ["VersionAdded"],
    indexed: [modelId === undefined ? null : toBeHex(modelId, 32)],
  });
  const added = decodeModelLogs(logs).filter((fact) => fact.kind === "VersionAdded");
  return Promise.all(
    added.map(async (fact) => {
      const args = [fact.versionId] as const;
      return describeVersion(fact, await read(client, { contract: "modelRegistry", functionName: "terms", args }));
    }),
  );
}
