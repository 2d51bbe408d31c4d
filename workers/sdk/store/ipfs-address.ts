import { CID } from "multiformats/cid";

/** `<directory>` or `<directory>/<path>` of `ipfs://…`; undefined for any other address. */
export function ipfsPathOf(uri: string): string | undefined {
  const match = /^ipfs:\/\/([^/?#]+)((?:\/[^/?#]+)*)\/?$/.exec(uri);
  const [, directory, path] = match ?? [];
  if (directory === undefined || path === undefined || !isCid(directory) || /\/\.{1,2}(\/|$)/.test(path))
    return undefined;
  return directory + path;
}

function isCid(text: string): boolean {
  try {
    CID.parse(text);
    return true;
  } catch {
    return false;
  }
}
