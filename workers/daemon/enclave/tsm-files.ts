import { mkdir, open, rmdir } from "node:fs/promises";

/** What is done to files of a report entry. Errors carry the system's code: `ENOENT`, `EBUSY` and so on. */
export interface TsmFiles {
  makeEntry(path: string): Promise<unknown>;
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** At most `most` bytes from the beginning. */
  read(path: string, most: number): Promise<Uint8Array>;
  removeEntry(path: string): Promise<void>;
}

/** Those of this machine. The kernel makes the files of an entry with it and removes them with it. */
export const machineTsmFiles: TsmFiles = {
  makeEntry: (path) => mkdir(path),
  async write(path, bytes) {
    // The kernel takes the bytes when the file is closed.
    const file = await open(path, "w");
    try {
      await file.writeFile(bytes);
    } finally {
      await file.close();
    }
  },
  async read(path, most) {
    const file = await open(path, "r");
    try {
      const bytes = Buffer.alloc(most);
      let length = 0;
      // Attributes have no size to ask for: the end is where nothing comes.
      while (length < most) {
        const { bytesRead } = await file.read(bytes, length, most - length, null);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return new Uint8Array(bytes.subarray(0, length));
    } finally {
      await file.close();
    }
  },
  removeEntry: (path) => rmdir(path),
};
