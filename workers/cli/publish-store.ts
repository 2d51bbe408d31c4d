import { AssayError } from "../../circuits/format/error.ts";
import type { ArtifactStore } from "../sdk/index.ts";
import { openStore, parseStoreAddress, serveStore, type StoreServer } from "../store/index.ts";
import { storeOptions } from "./store-options.ts";

class PublishStoreError extends AssayError {
  declare readonly code: "URI_MISSING";
}

export interface PublishStore {
  readonly store: ArtifactStore;
  /** Where the files will be; undefined if the store itself names the place once it has them. */
  readonly uri: string | undefined;
  /** Undefined if others read the store by themselves. */
  readonly server: StoreServer | undefined;
}

/** Opens the store that a version is published to, and serves it if nobody else does. Throws `URI_MISSING`, `PORT_IN_USE`. */
export async function openPublishStore(address: string, port: number, uri: string | undefined): Promise<PublishStore> {
  const store = await openStore(address, storeOptions());
  const { kind } = parseStoreAddress(address);
  if (uri !== undefined || kind === "kubo") return { store, uri, server: undefined };
  if (kind === "s3")
    throw new PublishStoreError("URI_MISSING", `say with --uri at which https:// address others read ${address}`);
  const server = await serveStore({ store, port });
  return { store, uri: store.publish === undefined ? server.url : undefined, server };
}
