import { mkdir, readdir, readFile, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";

import { LRUCache } from "lru-cache";

import { digestOfContentId } from "../../circuits/format/content-id.ts";
import { hashContent } from "./hash-content.ts";
import { keepFile } from "./keep-file.ts";
import { StoreError } from "./store-error.ts";

export interface ArtifactCacheOptions {
  readonly directory: string;
  /** Of all files together; those that were not used for longest make room. */
  readonly maxBytes: number;
}

/** Artifacts on this machine's disk, as files named by content id, for programs that take paths. */
export interface ArtifactCache {
  readonly maxBytes: number;
  /** Path of a file that is here whole, which counts as its use; null if it is not here. Whoever reads it verifies it. */
  find(cid: string): Promise<string | null>;
  /** The bytes, verified; null if they are not here. A file that is damaged is removed. */
  read(cid: string): Promise<Uint8Array | null>;
  /** Keeps bytes that were verified, and returns their path. Throws `ARTIFACT_TOO_LARGE`. */
  keep(cid: string, bytes: Uint8Array): Promise<string>;
  remove(cid: string): Promise<void>;
}

/** Files that a crash left half written are removed when they are older than this, in milliseconds. */
const ABANDONED = 3_600_000;

/** Opens a directory, in which the order of use outlives the process as the files' times. */
export async function openArtifactCache({ directory, maxBytes }: ArtifactCacheOptions): Promise<ArtifactCache> {
  const pathOf = (cid: string): string => join(directory, cid);
  const removals = new Set<Promise<void>>();
  const discard = (cid: string): void => {
    const removal = rm(pathOf(cid), { force: true }).finally(() => removals.delete(removal));
    removals.add(removal);
  };
  const sizes = new LRUCache<string, number>({
    maxSize: maxBytes,
    // Of an empty file, too, the name takes a place.
    sizeCalculation: (size) => Math.max(1, size),
    dispose: (_size, cid, reason) => reason === "evict" && discard(cid),
  });
  const settle = async (): Promise<void> => {
    await Promise.all(removals);
  };

  await mkdir(directory, { recursive: true });
  for (const { cid, size } of await filesByAge(directory)) {
    sizes.set(cid, size);
    if (!sizes.has(cid)) discard(cid);
  }
  await settle();

  const find = async (cid: string): Promise<string | null> => {
    digestOfContentId(cid);
    const path = pathOf(cid);
    const found = await stat(path).catch(() => null);
    if (found === null) {
      sizes.delete(cid);
      return null;
    }
    // Another process may have written it.
    if (sizes.get(cid) !== found.size) sizes.set(cid, found.size);
    const now = new Date();
    await utimes(path, now, now).catch(() => undefined);
    return path;
  };
  const remove = async (cid: string): Promise<void> => {
    digestOfContentId(cid);
    sizes.delete(cid);
    await rm(pathOf(cid), { force: true });
  };

  return {
    maxBytes,
    find,
    remove,
    async read(cid) {
      const path = await find(cid);
      const bytes = path === null ? null : await readFile(path).catch(() => null);
      if (bytes === null) return null;
      if (hashContent(bytes) === cid) return new Uint8Array(bytes);
      await remove(cid);
      return null;
    },
    async keep(cid, bytes) {
      digestOfContentId(cid);
      if (bytes.length > maxBytes)
        throw new StoreError("ARTIFACT_TOO_LARGE", `${cid} has ${bytes.length} bytes, the cache holds ${maxBytes}`, {
          details: { cid, bytes: bytes.length, maxBytes },
        });
      // Room first: a disk may be no larger than the cache.
      sizes.set(cid, bytes.length);
      await settle();
      // Files that an owner sealed to this worker are here as well.
      await keepFile(pathOf(cid), bytes, { mode: 0o600 });
      return pathOf(cid);
    },
  };
}

/** Files named by content id, those first that were not used for longest. */
async function filesByAge(directory: string): Promise<readonly { readonly cid: string; readonly size: number }[]> {
  const files = await Promise.all(
    (await readdir(directory)).map(async (name) => {
      const path = join(directory, name);
      const found = await stat(path).catch(() => null);
      if (found === null) return [];
      if (name.endsWith(".part") && Date.now() - found.mtimeMs > ABANDONED) await rm(path, { force: true });
      return isContentId(name) ? [{ cid: name, size: found.size, usedAt: found.mtimeMs }] : [];
    }),
  );
  return files.flat().sort((one, other) => one.usedAt - other.usedAt);
}

function isContentId(name: string): boolean {
  try {
    return digestOfContentId(name).length > 0;
  } catch {
    return false;
  }
}
