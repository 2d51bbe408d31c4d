/** Content-addressed artifact store for Node; browsers read with `HttpStore` of the SDK. */
export { type ArtifactCache, type ArtifactCacheOptions, openArtifactCache } from "./artifact-cache.ts";
export { LocalStore } from "./local-store.ts";
export { serveStore, type ServeStoreOptions, type StoreServer } from "./serve-store.ts";
export { StoreError, type StoreErrorCode } from "./store-error.ts";
