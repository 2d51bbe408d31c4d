import type { ArtifactSource, ArtifactStore } from "../sdk/store/artifact-store.ts";
import { HttpStore } from "../sdk/store/http-store.ts";
import type { IpfsStore } from "./ipfs/ipfs-store.ts";
import { LocalStore } from "./local-store.ts";
import type { StoreLimits } from "./read-limited.ts";
import { parseStoreAddress, type StoreAddress } from "./store-address.ts";
import { StoreError } from "./store-error.ts";

export interface OpenStoreOptions extends StoreLimits {
  /** Value of the header `Authorization` for Kubo's RPC. */
  readonly kuboAuthorization?: string;
  /** Who may read and write the files of a directory, before the process's mask. Default: everybody. */
  readonly mode?: number;
}

/**
 * Opens what an address stands for (see `parseStoreAddress`), to read from. Throws `STORE_ADDRESS`.
 *
 * @example
 * const bytes = await (await openSource("https://gateway.example/ipfs/")).get(cid);
 */
export async function openSource(address: string, options: OpenStoreOptions = {}): Promise<ArtifactSource> {
  const parsed = parseStoreAddress(address);
  return parsed.kind === "http" ? new HttpStore(parsed.url, options) : open(parsed, options);
}

/** The same, to keep artifacts in. Throws `STORE_READ_ONLY` for what can only be read. */
export async function openStore(address: string, options: OpenStoreOptions = {}): Promise<ArtifactStore> {
  const parsed = parseStoreAddress(address);
  if (parsed.kind === "http")
    throw new StoreError(
      "STORE_READ_ONLY",
      `${parsed.url} can only be read: keep artifacts in a directory, ipfs:, kubo+http:// or s3://`,
    );
  return open(parsed, options);
}

/** The same, of IPFS, where what was published can be listed and given up. */
export async function openPins(address: string, options: OpenStoreOptions = {}): Promise<IpfsStore> {
  const parsed = parseStoreAddress(address);
  if (parsed.kind === "ipfs" || parsed.kind === "kubo") return openIpfs(parsed, options);
  throw new StoreError("STORE_ADDRESS", `${address} has no pins: give ipfs:<directory> or kubo+http://…`);
}

type Writable = Exclude<StoreAddress, { kind: "http" }>;

/** Clients of other systems are large: each is loaded when it is first asked for. */
async function open(address: Writable, options: OpenStoreOptions): Promise<ArtifactStore> {
  switch (address.kind) {
    case "directory":
      return new LocalStore(address.path, options);
    case "s3": {
      const { S3Store } = await import("./s3-store.ts");
      return new S3Store({ ...address, ...options });
    }
    default:
      return openIpfs(address, options);
  }
}

async function openIpfs(
  address: Extract<StoreAddress, { kind: "ipfs" | "kubo" }>,
  options: OpenStoreOptions,
): Promise<IpfsStore> {
  const { IpfsStore } = await import("./ipfs/ipfs-store.ts");
  if (address.kind === "ipfs") {
    const { openDirectoryNode } = await import("./ipfs/directory-node.ts");
    return new IpfsStore(await openDirectoryNode(address.path), options);
  }
  const { openKuboNode } = await import("./ipfs/kubo-node.ts");
  const { kuboAuthorization: authorization, timeoutMs } = options;
  const node = openKuboNode(address.url, {
    ...(authorization !== undefined && { authorization }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
  return new IpfsStore(node, options);
}
