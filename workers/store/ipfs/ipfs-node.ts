import type { CID } from "multiformats/cid";

/** What a store needs of an IPFS node. Files are added as UnixFS: CIDv1, raw leaves of at most 1 MiB. */
export interface IpfsNode {
  /** What errors call it. */
  readonly name: string;
  addFile(bytes: Uint8Array): Promise<CID>;
  addDirectory(files: ReadonlyMap<string, Uint8Array>): Promise<AddedDirectory>;
  /** The file at `<cid>` or `<cid>/<name>`; `offline` if no other node may be asked for it. */
  read(path: string, options: ReadOptions): AsyncIterable<Uint8Array>;
  /** Names in a directory that was added. */
  list(directory: CID): Promise<readonly string[]>;
  /** Roots of files by their content id: a file above 1 MiB has another CID in IPFS. */
  readonly files: Roots;
  /** Roots of directories by their own CID. */
  readonly directories: Roots;
  /** Lets go of what no root names any more. */
  release(roots: readonly CID[]): Promise<void>;
}

export interface ReadOptions {
  readonly signal: AbortSignal;
  readonly offline: boolean;
}

export interface AddedDirectory {
  readonly directory: CID;
  readonly files: ReadonlyMap<string, CID>;
}

/** Names for roots, which outlast the process and keep what they name from being collected. */
export interface Roots {
  get(name: string): Promise<CID | undefined>;
  set(name: string, root: CID): Promise<void>;
  delete(name: string): Promise<void>;
  names(): Promise<readonly string[]>;
}
