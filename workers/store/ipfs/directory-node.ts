import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { unixfs, type UnixFS } from "@helia/unixfs";
import { FsBlockstore } from "blockstore-fs";
import { CID } from "multiformats/cid";

import { keepFile } from "../keep-file.ts";
import { StoreError } from "../store-error.ts";
import type { AddedDirectory, IpfsNode, Roots } from "./ipfs-node.ts";

type Blocks = Parameters<typeof unixfs>[0]["blockstore"];

/**
 * IPFS within this process and without a network: blocks are files of a directory, in which `files` and `directories` say
 * which roots are kept. One process at a time may `release`; adding and reading may go on in several.
 */
export async function openDirectoryNode(directory: string): Promise<IpfsNode> {
  const blocks = new FsBlockstore(join(directory, "blocks"));
  await blocks.open();
  const fs = unixfs({ blockstore: blocks });
  const files = rootsIn(join(directory, "files"));
  const directories = rootsIn(join(directory, "directories"));
  return {
    name: `ipfs:${directory}`,
    addFile: (bytes) => fs.addBytes(bytes),
    addDirectory: (content) => addDirectory(fs, content),
    read: (path) => readPath(fs, path, directory),
    list: (root) => namesIn(fs, root),
    files,
    directories,
    async release() {
      const reached = await reachedFrom(blocks, [...(await rootsOf(files)), ...(await rootsOf(directories))]);
      for await (const { cid } of blocks.getAll()) if (!reached.has(keyOf(cid))) await blocks.delete(cid);
    },
  };
}

async function addDirectory(fs: UnixFS, content: ReadonlyMap<string, Uint8Array>): Promise<AddedDirectory> {
  const files = new Map<string, CID>();
  const source = [...content].map(([path, bytes]) => ({ path, content: bytes }));
  for await (const { path = "", cid } of fs.addAll(source, { wrapWithDirectory: true }))
    // The last one is the directory around all others.
    if (content.has(path)) files.set(path, cid);
    else return { directory: cid, files };
  return { directory: await fs.addDirectory(), files };
}

async function* readPath(fs: UnixFS, path: string, directory: string): AsyncIterable<Uint8Array> {
  const [root = "", ...names] = path.split("/");
  try {
    yield* fs.cat(CID.parse(root), names.length === 0 ? {} : { path: names.join("/") });
  } catch (cause) {
    if (!(cause instanceof Error) || !ABSENT.has(cause.name)) throw cause;
    throw new StoreError("ARTIFACT_MISSING", `${path} is not in ${directory}`, { cause, details: { path } });
  }
}

/** A block that is not there, and a name that is not in a directory. */
const ABSENT: ReadonlySet<string> = new Set(["NotFoundError", "DoesNotExistError"]);

async function namesIn(fs: UnixFS, root: CID): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of fs.ls(root)) names.push(name);
  return names;
}

async function rootsOf(roots: Roots): Promise<CID[]> {
  const found = await Promise.all((await roots.names()).map((name) => roots.get(name)));
  return found.filter((root) => root !== undefined);
}

/** Keys of all blocks that reading these roots to the end takes. */
async function reachedFrom(blocks: Blocks, roots: readonly CID[]): Promise<Set<string>> {
  const reached = new Set<string>();
  const fs = unixfs({
    blockstore: {
      has: (cid) => blocks.has(cid),
      put: (cid, bytes) => blocks.put(cid, bytes),
      get(cid) {
        reached.add(keyOf(cid));
        return blocks.get(cid);
      },
    },
  });
  for (const root of roots) {
    const { type } = await fs.stat(root);
    if (type === "directory") for (const name of await namesIn(fs, root)) await drain(fs.cat(root, { path: name }));
    else await drain(fs.cat(root));
  }
  return reached;
}

async function drain(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const iterator = chunks[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true);
}

/** Blocks are kept by their hash, whatever the codec of the CID that asks for them. */
function keyOf({ multihash }: CID): string {
  return Buffer.from(multihash.bytes).toString("hex");
}

/** A file for each name, with the root in it. Names are CIDs, which have only letters and digits. */
function rootsIn(directory: string): Roots {
  const pathOf = (name: string) => join(directory, CID.parse(name).toString());
  return {
    async get(name) {
      const text = await unlessAbsent(readFile(pathOf(name), "utf8"));
      return text === undefined ? undefined : CID.parse(text);
    },
    set: (name, root) => keepFile(pathOf(name), root.toString()),
    delete: (name) => rm(pathOf(name), { force: true }),
    async names() {
      const names = (await unlessAbsent(readdir(directory))) ?? [];
      return names.filter((name) => !name.includes(".")).sort();
    },
  };
}

async function unlessAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
