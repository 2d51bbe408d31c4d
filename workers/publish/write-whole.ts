import { randomBytes } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { AssayError } from "../../circuits/format/error.ts";

export class WriteError extends AssayError {
  declare readonly code: "FILE_UNWRITABLE";
}

/**
 * Writes a file wholly or not at all: under a name of its own beside it, then renamed. Throws `FILE_UNWRITABLE` and
 * leaves nothing behind.
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await writeTogether(dirname(path), [[basename(path), content]]);
}

/**
 * Writes several files of a directory, which is made if need be: none takes its place before all are on disk. Throws as
 * `writeWhole` does.
 */
export async function writeTogether(
  directory: string,
  files: readonly (readonly [name: string, content: string | Uint8Array])[],
): Promise<void> {
  const mark = `.${randomBytes(6).toString("hex")}.tmp`;
  const started: string[] = [];
  try {
    await mkdir(directory, { recursive: true });
    for (const [name, content] of files) {
      started.push(join(directory, name));
      await writeFile(join(directory, name + mark), content);
    }
    for (const path of started) await rename(path + mark, path);
  } catch (cause) {
    for (const path of started) await rm(path + mark, { force: true });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WriteError("FILE_UNWRITABLE", `cannot write to ${directory}: ${reason}`, {
      cause,
      details: { directory },
    });
  }
}
