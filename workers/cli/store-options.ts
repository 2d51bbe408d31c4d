import { HttpStore } from "../sdk/index.ts";
import type { OpenStoreOptions } from "../store/index.ts";

export const DEFAULT_STORE = ".assay/artifacts";

/** What the environment says about stores: secrets have no place in their addresses. */
export function storeOptions(): OpenStoreOptions {
  const kuboAuthorization = process.env.ASSAY_KUBO_AUTHORIZATION;
  return kuboAuthorization === undefined ? {} : { kuboAuthorization };
}

/** The IPFS gateway that reads `ipfs://` addresses of versions: ASSAY_IPFS_GATEWAY, or this machine's. */
export function gateway(): HttpStore {
  return new HttpStore(process.env.ASSAY_IPFS_GATEWAY ?? "http://127.0.0.1:8080/ipfs/");
}
