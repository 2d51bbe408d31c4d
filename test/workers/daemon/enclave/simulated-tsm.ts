import { basename, dirname } from "node:path";

import type { TsmFiles } from "../../../../workers/daemon/enclave/tsm-files.ts";

interface Entry {
  inblob: Uint8Array;
  generation: number;
}

/** A failure of a system call. */
export class SystemError extends Error {
  readonly code: string;
  constructor(code: string, call: string) {
    super(`${code}: ${call}`);
    this.code = code;
  }
}

export interface SimulatedTsmOptions {
  readonly provider?: string;
  readonly report?: (inblob: Uint8Array) => Uint8Array;
  /** Called before each call; may throw what the system would. */
  readonly before?: (call: string, entry: string) => void | Promise<void>;
}

/**
 * SIMULATED: the files of configfs-tsm as the kernel's documentation has them, in memory. No kernel and no hardware is
 * behind it.
 */
export function simulatedTsm(options: SimulatedTsmOptions = {}) {
  const { provider = "tdx_guest", report = (inblob) => Buffer.concat([Buffer.from("report of "), inblob]) } = options;
  const entries = new Map<string, Entry>();
  const entryOf = (path: string): Entry => {
    const entry = entries.get(path);
    if (entry === undefined) throw new SystemError("ENOENT", path);
    return entry;
  };
  const begin = async (call: string, path: string) => options.before?.(call, path);

  const files: TsmFiles = {
    async makeEntry(path) {
      await begin("mkdir", path);
      if (entries.has(path)) throw new SystemError("EEXIST", path);
      entries.set(path, { inblob: new Uint8Array(), generation: 0 });
    },
    async write(path, bytes) {
      const entry = entryOf(dirname(path));
      if (basename(path) !== "inblob") throw new SystemError("EACCES", path);
      await begin("write", dirname(path));
      // What the kernel thinks of the bytes it keeps to itself.
      if (bytes.length > 64) return;
      entry.inblob = bytes;
      entry.generation += 1;
    },
    async read(path, most) {
      const entry = entryOf(dirname(path));
      await begin(`read ${basename(path)}`, dirname(path));
      switch (basename(path)) {
        case "provider":
          return Buffer.from(`${provider}\n`).subarray(0, most);
        case "generation":
          return Buffer.from(`${entry.generation}\n`).subarray(0, most);
        case "outblob":
          if (entry.inblob.length === 0) throw new SystemError("EINVAL", path);
          return report(entry.inblob).subarray(0, most);
        default:
          throw new SystemError("ENOENT", path);
      }
    },
    async removeEntry(path) {
      await begin("rmdir", path);
      if (!entries.delete(path)) throw new SystemError("ENOENT", path);
    },
  };
  /** As another process writes that uses the same entry. */
  const interfere = (path: string) => (entryOf(path).generation += 1);
  return { files, entries, interfere };
}
