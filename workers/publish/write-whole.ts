import { dirname } from "node:path";

import { AssayError } from "../../circuits/format/error.ts";
import { keepFile, keepFiles, type NamedContent } from "../store/keep-file.ts";

export class WriteError extends AssayError {
  declare readonly code: "FILE_UNWRITABLE";
}

/** Writes a file wholly or not at all. Throws `FILE_UNWRITABLE` and leaves nothing behind. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await orUnwritable(dirname(path), keepFile(path, content));
}

/** Writes several files of a directory, which is made if need be: none takes its place before all are on disk. */
export async function writeTogether(directory: string, files: readonly NamedContent[]): Promise<void> {
  await orUnwritable(directory, keepFiles(directory, files));
}

async function orUnwritable(directory: string, writing: Promise<void>): Promise<void> {
  try {
    await writing;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WriteError("FILE_UNWRITABLE", `cannot write to ${directory}: ${reason}`, {
      cause,
      details: { directory },
    });
  }
}
