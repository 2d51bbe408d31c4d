import { create, type AddAllOptions, type KuboRPCClient } from "kubo-rpc-client";
import { CID } from "multiformats/cid";

import { STORE_LIMITS } from "../read-limited.ts";
import type { IpfsNode, Roots } from "./ipfs-node.ts";

export interface KuboOptions {
  /** Value of the header `Authorization`, for a node whose RPC is not open to everybody who reaches it. */
  readonly authorization?: string;
  /** For each call about names and pins. 60 s when left out. */
  readonly timeoutMs?: number;
}

/** The same parameters as in-process IPFS has, so that both give the same addresses. */
const AS_UNIXFS: AddAllOptions = { cidVersion: 1, rawLeaves: true, chunker: "size-1048576", pin: true };

/** Milliseconds for files that are sent. */
const ADDING = 600_000;

/** In the node's mutable file system, which its garbage collection leaves alone. */
const FILES = "/assay/files";
const DIRECTORIES = "/assay/directories";

/** A Kubo node by its RPC, which gives whoever reaches it power over the whole node: never open it to strangers. */
export function openKuboNode(
  url: string,
  { authorization, timeoutMs = STORE_LIMITS.timeoutMs }: KuboOptions = {},
): IpfsNode {
  const client = create({ url, ...(authorization !== undefined && { headers: { authorization } }) });
  const soon = (): Waiting => ({ signal: AbortSignal.timeout(timeoutMs) });
  const adding = (): AddAllOptions => ({ ...AS_UNIXFS, signal: AbortSignal.timeout(ADDING) });
  return {
    name: `kubo+${url}`,
    async addFile(bytes) {
      const { cid } = await client.add(bytes, adding());
      return cid;
    },
    async addDirectory(content) {
      const files = new Map<string, CID>();
      const source = [...content].map(([path, bytes]) => ({ path, content: bytes }));
      for await (const { path, cid } of client.addAll(source, { ...adding(), wrapWithDirectory: true }))
        if (content.has(path)) files.set(path, cid);
        else return { directory: cid, files };
      throw new Error("it added no directory");
    },
    read: (path, options) => client.cat(`/ipfs/${path}`, options),
    list: (directory) => namesIn(client, `${DIRECTORIES}/${directory.toString()}`, soon()),
    files: rootsIn(client, FILES, soon),
    directories: rootsIn(client, DIRECTORIES, soon),
    async release(roots) {
      for (const root of roots) await unpin(client, root, soon());
    },
  };
}

interface Waiting {
  readonly signal: AbortSignal;
}

function rootsIn(client: KuboRPCClient, directory: string, soon: () => Waiting): Roots {
  const pathOf = (name: string) => `${directory}/${CID.parse(name).toString()}`;
  const get = async (name: string): Promise<CID | undefined> => {
    const found = await unlessAbsent(client.files.stat(pathOf(name), soon()));
    return found?.cid;
  };
  const remove = (name: string) => client.files.rm(pathOf(name), { recursive: true, ...soon() });
  return {
    get,
    async set(name, root) {
      const present = await get(name);
      if (present?.equals(root) === true) return;
      // A name that is taken cannot be copied over.
      if (present !== undefined) await remove(name);
      await client.files.cp(`/ipfs/${root.toString()}`, pathOf(name), { parents: true, ...soon() });
    },
    async delete(name) {
      await unlessAbsent(remove(name));
    },
    async names() {
      return (await unlessAbsent(namesIn(client, directory, soon()))) ?? [];
    },
  };
}

async function namesIn(client: KuboRPCClient, path: string, waiting: Waiting): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of client.files.ls(path, waiting)) names.push(name);
  return names.sort();
}

async function unlessAbsent<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && error.message.includes("does not exist")) return undefined;
    throw error;
  }
}

/** Files that came with a directory have no pin of their own. */
async function unpin(client: KuboRPCClient, root: CID, waiting: Waiting): Promise<void> {
  try {
    await client.pin.rm(root, waiting);
  } catch (error) {
    if (!(error instanceof Error && error.message.includes("not pinned"))) throw error;
  }
}
