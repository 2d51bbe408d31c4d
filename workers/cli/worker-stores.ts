import type { ArtifactSource } from "../sdk/index.ts";
import { openSource, readKeyFile, SealedSource } from "../store/index.ts";
import { storeOptions } from "./store-options.ts";
import type { WorkerFile } from "./worker-file.ts";

/** Everything that a worker reads artifacts from, in the order in which it asks. */
export async function openWorkerStores({
  ownerStores,
  stores,
  sealed,
}: Pick<WorkerFile, "ownerStores" | "stores" | "sealed">): Promise<ArtifactSource[]> {
  const options = storeOptions();
  const sources = await Promise.all([...ownerStores, ...stores].map((address) => openSource(address, options)));
  if (sealed === undefined) return sources;
  const key = await readKeyFile(sealed.key);
  return [...sources, ...sealed.grants.map((grant) => new SealedSource({ grant, key, sources }))];
}
