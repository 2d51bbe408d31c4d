import { readFile } from "node:fs/promises";

import { AssayError } from "../../circuits/format/error.ts";

class ReadArtifactError extends AssayError {
  declare readonly code: "FILE_UNREADABLE";
}

/** A file to keep. Throws `FILE_UNREADABLE`. */
export async function readArtifact(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw new ReadArtifactError("FILE_UNREADABLE", `cannot read ${path}`, { cause, details: { path } });
  }
}
