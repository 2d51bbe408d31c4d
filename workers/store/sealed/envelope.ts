import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

import { concatBytes } from "../../../circuits/format/tensor.ts";
import { hashContent, verifyContent } from "../hash-content.ts";
import { StoreError } from "../store-error.ts";

/**
 * A sealed file: the mark, 32 random bytes, the ciphertext, 16 bytes of AES-256-GCM's tag. The key is made of the content key, the
 * random bytes and the file's content id, so that it serves once and its nonce can be fixed. That the text is
 * the right one is known by its content id; the tag alone would not commit to the key.
 */
const MARK = new TextEncoder().encode("ASSAYSL1");
const SALT = 32;
const TAG = 16;
/** A sealed file is larger than the file by this. */
export const SEAL_BYTES = MARK.length + SALT + TAG;
const NONCE = new Uint8Array(12);

export const CONTENT_KEY_BYTES = 32;

export function sealFile(contentKey: Uint8Array, file: Uint8Array): Uint8Array {
  const salt = randomBytes(SALT);
  const cipher = createCipheriv("aes-256-gcm", fileKey(contentKey, salt, hashContent(file)), NONCE);
  const text = [cipher.update(file), cipher.final()];
  return concatBytes([MARK, salt, ...text, cipher.getAuthTag()]);
}

/** The file that the content id names. Throws `SEAL_BROKEN`. */
export function openFile(contentKey: Uint8Array, cid: string, sealed: Uint8Array): Uint8Array {
  const start = MARK.length + SALT;
  const end = sealed.length - TAG;
  if (end < start || !MARK.every((byte, at) => sealed[at] === byte)) throw broken(cid, "it has no seal");
  const key = fileKey(contentKey, sealed.subarray(MARK.length, start), cid);
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, NONCE, { authTagLength: TAG });
    decipher.setAuthTag(sealed.subarray(end));
    const file = concatBytes([decipher.update(sealed.subarray(start, end)), decipher.final()]);
    verifyContent(cid, file);
    return file;
  } catch (cause) {
    throw broken(cid, "it was changed, or sealed with another key", cause);
  }
}

function fileKey(contentKey: Uint8Array, salt: Uint8Array, cid: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", contentKey, salt, `assay sealed file 1 ${cid}`, 32));
}

function broken(cid: string, problem: string, cause?: unknown): StoreError {
  return new StoreError("SEAL_BROKEN", `the sealed file of ${cid} cannot be opened: ${problem}`, {
    cause,
    details: { cid },
  });
}
