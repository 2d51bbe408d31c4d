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
  const open = (addresses: readonly string[]) => Promise.all(addresses.map((address) => openSource(address, options)));
  const [owned, sources] = [await open(ownerStores), await open(stores)];
  if (sealed === undefined) return [...owned, ...sources];
  const key = await readKeyFile(sealed.key);
  const opened = sealed.grants.map((grant) => new SealedSource({ grant, key, sources }));
  // Gateways last: they search long for what nobody but the owner has.
  return [...owned, ...opened, ...sources];
}
