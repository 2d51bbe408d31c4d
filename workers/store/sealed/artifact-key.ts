import { readFile, stat } from "node:fs/promises";

import { PrivateKey, PublicKey } from "eciesjs";

import { keepFile } from "../keep-file.ts";
import { StoreError } from "../store-error.ts";

/**
 * A key that private artifacts are sealed to: secp256k1, used for nothing else. It is not the key that signs transactions, so
 * that who reads weights for a worker need not hold its stake, and either can be replaced alone.
 */
export interface ArtifactKey {
  /** 33 bytes, 0x and hexadecimal: what an owner needs to know of a worker. */
  readonly publicKey: string;
  readonly secret: Uint8Array;
}

export function createArtifactKey(): ArtifactKey {
  return keyOf(new PrivateKey());
}

/** Makes a key and keeps it in a file that its user alone may read. Throws `KEY_FILE` if there is a file already. */
export async function makeKeyFile(path: string): Promise<ArtifactKey> {
  if (await exists(path)) throw keyFile(path, "exists already, and a key that is overwritten cannot be had back");
  const key = createArtifactKey();
  await keepFile(path, `${toHex(key.secret)}\n`, { mode: 0o600 });
  return key;
}

/** Throws `KEY_FILE`, whose message never has what is in the file. */
export async function readKeyFile(path: string): Promise<ArtifactKey> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw keyFile(path, "cannot be read", cause);
  });
  if (!/^0x[0-9a-f]{64}$/i.test(text.trim())) throw keyFile(path, "is no artifact key: 0x and 64 hexadecimal digits");
  try {
    return keyOf(PrivateKey.fromHex(text.trim()));
  } catch {
    throw keyFile(path, "is no artifact key: the number is out of range");
  }
}

/** The one way in which a public key is written. Throws `RECIPIENT_INVALID`. */
export function recipientOf(text: string): string {
  try {
    return toHex(PublicKey.fromHex(text).toBytes(true));
  } catch (cause) {
    throw new StoreError(
      "RECIPIENT_INVALID",
      `${text} is no public key: 0x and 33 bytes, as \`assay store key\` prints it`,
      {
        cause,
        details: { recipient: text },
      },
    );
  }
}

export function toHex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}

export function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), "hex"));
}

function keyOf(key: PrivateKey): ArtifactKey {
  return { publicKey: toHex(key.publicKey.toBytes(true)), secret: key.secret };
}

function keyFile(path: string, problem: string, cause?: unknown): StoreError {
  return new StoreError("KEY_FILE", `${path} ${problem}`, { cause, details: { path } });
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
