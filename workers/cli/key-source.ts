import { readFile } from "node:fs/promises";

import { type Signer, Wallet } from "ethers";
import { z } from "zod";

import { AssayError } from "../../circuits/format/error.ts";
import { awsKmsSigner, keystoreAddress, openKeystore, type TransactionSigner, web3signer } from "../daemon/index.ts";

const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/, "must be 0x and 40 hexadecimal digits");

/** Where a key is. */
export const keySource = z.discriminatedUnion("source", [
  /** In an environment variable, in clear: for development. */
  z.strictObject({ source: z.literal("environment"), variable: z.string().min(1).optional() }),
  /** In an encrypted file; the password is in another file, or in ASSAY_KEYSTORE_PASSWORD. */
  z.strictObject({
    source: z.literal("keystore"),
    file: z.string().min(1),
    passwordFile: z.string().min(1).optional(),
  }),
  z.strictObject({
    source: z.literal("aws-kms"),
    id: z.string().min(1),
    region: z.string().min(1).optional(),
    endpoint: z.url().optional(),
  }),
  z.strictObject({ source: z.literal("web3signer"), url: z.url(), address }),
]);
export type KeySource = z.infer<typeof keySource>;

/** Where keys are in the environment unless the configuration says otherwise. */
export const KEY_VARIABLE = "ASSAY_PRIVATE_KEY";
export const OPERATOR_VARIABLE = "ASSAY_OPERATOR_KEY";

/** A key that signs: for the worker process, and for single calls. */
export type Key = Signer & TransactionSigner;

export type Environment = Readonly<Record<string, string | undefined>>;

class KeyError extends AssayError {
  declare readonly code: "KEY_MISSING" | "KEY_INVALID" | "PASSWORD_MISSING";
}

/** Throws `KEY_MISSING`, `KEY_INVALID`, `PASSWORD_MISSING`, and what the signers throw. No error shows a secret. */
export async function openKey(source: KeySource, variable: string, environment: Environment): Promise<Key> {
  switch (source.source) {
    case "environment":
      return new Wallet(keyIn(environment, source.variable ?? variable));
    case "keystore":
      return openKeystore(source.file, await passwordOf(source, environment));
    case "aws-kms":
      return awsKmsSigner({ keyId: source.id, region: source.region, endpoint: source.endpoint });
    case "web3signer":
      return web3signer(source);
  }
}

/** Whose key it is, without a password where the keystore tells it. */
export async function addressOfKey(source: KeySource, variable: string, environment: Environment): Promise<string> {
  const named = source.source === "keystore" ? await keystoreAddress(source.file) : undefined;
  return named ?? (await openKey(source, variable, environment)).address;
}

/** What must never be shown of how keys are got at. */
export async function secretsOfKey(source: KeySource, variable: string, environment: Environment): Promise<string[]> {
  if (source.source === "environment") return [environment[source.variable ?? variable] ?? ""];
  return source.source === "keystore" ? [await passwordOf(source, environment)] : [];
}

export function keyIn(environment: Environment, variable: string): string {
  const key = environment[variable];
  if (key === undefined || key === "")
    throw new KeyError("KEY_MISSING", `set ${variable} to the key that signs and pays (0x and 64 digits)`);
  if (!/^0x[0-9a-fA-F]{64}$/.test(key))
    throw new KeyError("KEY_INVALID", `${variable} is not 0x followed by 64 hexadecimal digits`);
  return key;
}

async function passwordOf(
  { file, passwordFile }: Extract<KeySource, { source: "keystore" }>,
  environment: Environment,
): Promise<string> {
  if (passwordFile === undefined) {
    const password = environment["ASSAY_KEYSTORE_PASSWORD"];
    if (password !== undefined) return password;
    throw new KeyError("PASSWORD_MISSING", `${file} is encrypted: name a passwordFile, or set ASSAY_KEYSTORE_PASSWORD`);
  }
  try {
    // Editors end files with a line break, which is no part of a password.
    return (await readFile(passwordFile, "utf8")).replace(/\r?\n$/, "");
  } catch (cause) {
    throw new KeyError("PASSWORD_MISSING", `${passwordFile} cannot be read`, { cause });
  }
}
