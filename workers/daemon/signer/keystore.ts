import { readFile } from "node:fs/promises";

import { isError, isKeystoreJson, Wallet } from "ethers";
import { z } from "zod";

import { SignerError } from "./signer-error.ts";

const named = z.object({ address: z.string().regex(/^(0x)?[0-9a-fA-F]{40}$/) });

/**
 * Decrypts a keystore of version 3, as geth, ethers and `assay worker init` write it: the key is then in this process's
 * memory. Throws `KEYSTORE_UNREADABLE` and `KEYSTORE_PASSWORD_WRONG`, which show neither password nor key.
 */
export async function openKeystore(path: string, password: string): Promise<Wallet> {
  const json = await readKeystore(path);
  try {
    const wallet = await Wallet.fromEncryptedJson(json, password);
    return new Wallet(wallet.privateKey);
  } catch (error) {
    if (isError(error, "INVALID_ARGUMENT") && error.argument === "password")
      throw new SignerError("KEYSTORE_PASSWORD_WRONG", `the password does not open ${path}`, { details: { path } });
    throw unreadable(path, "is damaged or of a kind that is not known");
  }
}

/** Whose key it is, as it says itself without a password; undefined if it does not. */
export async function keystoreAddress(path: string): Promise<string | undefined> {
  const parsed = named.safeParse(JSON.parse(await readKeystore(path)));
  return parsed.success ? `0x${parsed.data.address.replace(/^0x/, "")}` : undefined;
}

async function readKeystore(path: string): Promise<string> {
  let json: string;
  try {
    json = await readFile(path, "utf8");
  } catch (cause) {
    throw unreadable(path, "cannot be read", cause);
  }
  if (!isKeystoreJson(json)) throw unreadable(path, "is no keystore of version 3");
  return json;
}

function unreadable(path: string, what: string, cause?: unknown): SignerError {
  return new SignerError("KEYSTORE_UNREADABLE", `${path} ${what}`, { details: { path }, cause });
}
