/** Content-addressed artifact stores for Node; browsers read with `HttpStore` of the SDK. */
export { type ArtifactCache, type ArtifactCacheOptions, openArtifactCache } from "./artifact-cache.ts";
export { firstOf } from "./first-of.ts";
export type { IpfsStore } from "./ipfs/ipfs-store.ts";
export { LocalStore } from "./local-store.ts";
export { openPins, openSource, openStore, type OpenStoreOptions } from "./open-store.ts";
export type { StoreLimits } from "./read-limited.ts";
export { type ArtifactKey, createArtifactKey, makeKeyFile, readKeyFile, recipientOf } from "./sealed/artifact-key.ts";
export { grantAddress, type GrantAddress, parseGrantAddress } from "./sealed/grant-address.ts";
export { decodeGrant, extendGrant, type Grant, type SealedFiles, sealFiles } from "./sealed/grant.ts";
export { SealedSource, type SealedSourceOptions } from "./sealed/sealed-source.ts";
export { serveStore, type ServeStoreOptions, type StoreServer } from "./serve-store.ts";
export { parseStoreAddress, type StoreAddress } from "./store-address.ts";
export { StoreError, type StoreErrorCode } from "./store-error.ts";
