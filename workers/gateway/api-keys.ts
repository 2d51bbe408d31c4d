import { createHash, timingSafeEqual } from "node:crypto";

/** A key that answers are given to without payment; only its SHA-256, in hexadecimal, is kept. */
export interface ApiKey {
  readonly name: string;
  readonly sha256: string;
}

export interface ApiKeys {
  /** The name of the key in an `Authorization: Bearer` header; undefined for none of ours. */
  nameOf(header: string): string | undefined;
}

export function apiKeys(keys: readonly ApiKey[]): ApiKeys {
  const known = keys.map(({ name, sha256 }) => ({ name, digest: Buffer.from(sha256, "hex") }));
  return {
    nameOf(header) {
      const [, key] = /^Bearer (\S{1,512})$/i.exec(header) ?? [];
      if (key === undefined) return undefined;
      const digest = createHash("sha256").update(key).digest();
      // Every key is looked at, and each in the same time.
      const found = known.filter(
        (each) => each.digest.length === digest.length && timingSafeEqual(each.digest, digest),
      );
      return found[0]?.name;
    },
  };
}
