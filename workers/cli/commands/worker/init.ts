import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

import { Command } from "commander";
import { Wallet } from "ethers";

import { AssayError } from "../../../../circuits/format/error.ts";
import { createOutput } from "../../output.ts";
import { withSettings } from "../../settings/with-settings.ts";
import { configurationOf, readWorkerFile } from "../../worker-file.ts";

class InitError extends AssayError {
  declare readonly code: "FILE_EXISTS" | "PASSWORD_MISSING";
}

interface Options {
  readonly newKey?: string;
  readonly newPasswordFile?: string;
  readonly json: boolean;
}

const SHORTEST_PASSWORD = 12;
/** What a new worker had better do, and an old file does not ask for: no job is taken that pays less than its gas. */
const CAREFUL = { gasMargin: 0 };

export function initCommand(): Command {
  const command = new Command("init")
    .description("write a worker.json of the settings given, and make a key for it; overwrites nothing")
    .option("--new-key <file>", "make a new key and keep it encrypted in this file")
    .option("--new-password-file <file>", "its password (default: ASSAY_KEYSTORE_PASSWORD)");
  return withSettings(command).action(async (named: string | undefined, options: Options) => {
    const path = named ?? "worker.json";
    const output = createOutput(options.json);
    const flags = {
      ...options,
      ...(options.newKey !== undefined && keyFlags(options.newKey, options.newPasswordFile)),
    };
    const given = { environment: process.env, flags };
    // Everything is checked before anything is written.
    await readWorkerFile(undefined, given);
    for (const file of [path, options.newKey]) if (file !== undefined) refuseExisting(file);
    const address = options.newKey === undefined ? null : await makeKey(options.newKey, await passwordOf(options));
    await mkdir(dirname(path), { recursive: true });
    const settings = { ...CAREFUL, ...configurationOf(given) };
    await writeFile(path, `${JSON.stringify(settings, null, 2)}\n`, { flag: "wx" });
    output.result(
      { ok: true, path, address, diagnostics: [] },
      [
        `${path} is written`,
        ...(address === null
          ? []
          : [`the key is ${address}: send it coins for the stake and for gas, and keep a copy of its file`]),
        `next: assay worker doctor ${path}`,
      ].join("\n"),
    );
  });
}

function keyFlags(file: string, passwordFile: string | undefined): Record<string, string> {
  return { keySource: "keystore", keyFile: file, ...(passwordFile !== undefined && { keyPasswordFile: passwordFile }) };
}

function refuseExisting(path: string): void {
  if (existsSync(path)) throw new InitError("FILE_EXISTS", `${path} exists already, and is left as it is`);
}

async function makeKey(path: string, password: string): Promise<string> {
  const wallet = Wallet.createRandom();
  const json = await new Wallet(wallet.privateKey).encrypt(password);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${json}\n`, { flag: "wx", mode: 0o600 });
  return wallet.address;
}

async function passwordOf({ newPasswordFile }: Options): Promise<string> {
  const password =
    newPasswordFile === undefined
      ? (process.env["ASSAY_KEYSTORE_PASSWORD"] ?? "")
      : (await readFile(newPasswordFile, "utf8")).replace(/\r?\n$/, "");
  if (password.length >= SHORTEST_PASSWORD) return password;
  throw new InitError(
    "PASSWORD_MISSING",
    `the key's password needs ${SHORTEST_PASSWORD} characters: set ASSAY_KEYSTORE_PASSWORD, or name a --new-password-file`,
  );
}
