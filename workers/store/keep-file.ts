import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** A file to write: its name in the directory, and what is in it. */
export type NamedContent = readonly [name: string, content: string | Uint8Array];

export interface KeepOptions {
  /** Who may read and write the file, before the process's mask. Default: everybody. */
  readonly mode?: number;
}

/** Writes one file as `keepFiles` does. */
export async function keepFile(path: string, content: string | Uint8Array, options?: KeepOptions): Promise<void> {
  await keepFiles(dirname(path), [[basename(path), content]], options);
}

/**
 * Writes files of a directory, which is made if need be. Each appears whole or not at all, in the place of what was there
 * before, and none does before all are on disk; when this returns, they are there after a power cut too. Throws what
 * the file system says, and leaves nothing half written behind.
 */
export async function keepFiles(
  directory: string,
  files: readonly NamedContent[],
  { mode = 0o666 }: KeepOptions = {},
): Promise<void> {
  await mkdir(directory, { recursive: true });
  const mark = `.${randomUUID()}.part`;
  const paths = files.map(([name]) => join(directory, name));
  try {
    for (const [name, content] of files) await writeNew(join(directory, name + mark), content, mode);
    for (const path of paths) await rename(path + mark, path);
    await flushNames(directory);
  } catch (error) {
    for (const path of paths) await rm(path + mark, { force: true });
    throw error;
  }
}

async function writeNew(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const file = await open(path, "wx", mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A file's new name is in its directory, which is on disk only once it is flushed itself. Windows flushes no directories. */
async function flushNames(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  const names = await open(directory, "r");
  try {
    await names.sync();
  } finally {
    await names.close();
  }
}
