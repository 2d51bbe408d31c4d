import { read } from "../access.ts";
import type { Client } from "../client.ts";
import { SdkError } from "../errors.ts";
import { decodeModelLogs } from "../facts.ts";
import { fetchLogs } from "../fetch-logs.ts";
import { describeVersion, type Version, versionIdOf } from "../version.ts";

export interface GetVersionParameters {
  readonly versionId: string;
}
export type GetVersionReturnType = Version;

/**
 * The facts of a version from the log of its addition, checked against its id, and its terms. Throws `UNKNOWN_VERSION`.
 *
 * @example
 * const { inputs, outputs, levels } = await getVersion(client, { versionId });
 */
export async function getVersion(client: Client, parameters: GetVersionParameters): Promise<GetVersionReturnType> {
  const versionId = parameters.versionId.toLowerCase();
  const logs = await fetchLogs(client, {
    contract: "modelRegistry",
    events: ["VersionAdded"],
    indexed: [null, versionId],
  });
  for (const fact of decodeModelLogs(logs)) {
    if (fact.kind !== "VersionAdded") continue;
    if (versionIdOf(client.deployment, fact.modelId, fact.spec) !== versionId)
      throw new SdkError("FACT_MISSING", `the node's facts of version ${versionId} do not hash to its id`);
    const terms = await read(client, { contract: "modelRegistry", functionName: "terms", args: [versionId] });
    return describeVersion(fact, terms);
  }
  throw new SdkError("UNKNOWN_VERSION", `no version ${versionId} in this deployment: check the id and the chain`, {
    details: { versionId },
  });
}
