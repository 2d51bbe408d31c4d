import { randomBytes } from "node:crypto";

import { decrypt, encrypt } from "eciesjs";
import { z } from "zod";

import { problemsIn } from "../../../circuits/format/problems.ts";
import { hashContent } from "../hash-content.ts";
import { StoreError } from "../store-error.ts";
import { type ArtifactKey, fromHex, recipientOf, toHex } from "./artifact-key.ts";
import { CONTENT_KEY_BYTES, sealFile } from "./envelope.ts";

const cid = z.string().regex(/^b[a-z2-7]{58}$/, "must be a content id");
const bytes = z.string().regex(/^0x([0-9a-f]{2})+$/, "must be 0x and hexadecimal bytes");

/**
 * Who may open which sealed files: a public artifact like any other. One content key seals all files, and is itself
 * encrypted to each recipient (ECIES of eciesjs: secp256k1, HKDF-SHA256, AES-256-GCM).
 */
const grantFile = z.strictObject({
  assay: z.literal(1),
  kind: z.literal("grant"),
  /** Content ids of the files and of their sealed forms. */
  files: z
    .array(z.strictObject({ cid, sealed: cid }))
    .min(1)
    .max(10_000),
  /** Where the sealed files are, of a grant that is not beside them. */
  at: z.string().max(2000).optional(),
  keys: z
    .array(z.strictObject({ recipient: bytes, key: bytes }))
    .min(1)
    .max(10_000),
});
export type Grant = z.infer<typeof grantFile>;

export interface SealedFiles {
  readonly grant: Uint8Array;
  /** To be kept wherever the recipients read. */
  readonly sealed: readonly Uint8Array[];
}

/** Seals files under a fresh content key for these recipients' public keys. Throws `RECIPIENT_INVALID`. */
export function sealFiles(files: readonly Uint8Array[], recipients: readonly string[]): SealedFiles {
  const keys = recipients.map(recipientOf);
  const contentKey = randomBytes(CONTENT_KEY_BYTES);
  const sealed = files.map((file) => sealFile(contentKey, file));
  const grant: Grant = {
    assay: 1,
    kind: "grant",
    files: files.map((file, at) => ({ cid: hashContent(file), sealed: hashContent(sealed[at] ?? new Uint8Array()) })),
    keys: wrap(contentKey, keys),
  };
  return { grant: encodeGrant(grant), sealed };
}

/**
 * A grant of the same sealed files for more recipients, made by one who has it; `at` says where those files are. Throws `GRANT_OF_OTHERS`, `RECIPIENT_INVALID`.
 */
export function extendGrant(grant: Grant, key: ArtifactKey, recipients: readonly string[], at = grant.at): Uint8Array {
  const present = new Set(grant.keys.map(({ recipient }) => recipient));
  const added = recipients.map(recipientOf).filter((recipient) => !present.has(recipient));
  const keys = [...grant.keys, ...wrap(contentKeyOf(grant, key), added)];
  return encodeGrant({ ...grant, ...(at !== undefined && { at }), keys });
}

/** Throws `GRANT_OF_OTHERS` if the grant has nothing for this key, `GRANT_INVALID` if what it has cannot be opened. */
export function contentKeyOf(grant: Grant, { publicKey, secret }: ArtifactKey): Uint8Array {
  const mine = grant.keys.find(({ recipient }) => recipient === publicKey);
  if (mine === undefined)
    throw new StoreError("GRANT_OF_OTHERS", `the grant is for ${grant.keys.length} other keys, not for ${publicKey}`, {
      details: { publicKey },
    });
  try {
    const contentKey = decrypt(secret, fromHex(mine.key));
    if (contentKey.length === CONTENT_KEY_BYTES) return contentKey;
  } catch (cause) {
    throw invalid(`what it has for ${publicKey} cannot be opened`, cause);
  }
  throw invalid(`what it has for ${publicKey} is no key`);
}

/** Throws `GRANT_INVALID`, which lists every problem. */
export function decodeGrant(text: Uint8Array): Grant {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(text));
  } catch (cause) {
    throw invalid("it is no JSON", cause);
  }
  const parsed = grantFile.safeParse(json);
  if (!parsed.success) throw invalid(problemsIn(parsed.error).join("; "));
  return parsed.data;
}

function encodeGrant(grant: Grant): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(grant, null, 2)}\n`);
}

function wrap(contentKey: Uint8Array, recipients: readonly string[]): Grant["keys"] {
  return [...new Set(recipients)].map((recipient) => ({ recipient, key: toHex(encrypt(recipient, contentKey)) }));
}

function invalid(problem: string, cause?: unknown): StoreError {
  return new StoreError("GRANT_INVALID", `this is no usable grant: ${problem}`, { cause });
}
