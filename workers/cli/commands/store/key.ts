import { Command } from "commander";

import { makeKeyFile, readKeyFile } from "../../../store/index.ts";
import { createOutput } from "../../output.ts";

interface Options {
  readonly new: boolean;
  readonly json: boolean;
}

export function keyCommand(): Command {
  return new Command("key")
    .description("the public key of an artifact key, which owners seal files to")
    .argument("<file>", "where the key is; nobody but its user may read it")
    .option("--new", "make a key; a file that exists is never overwritten", false)
    .action(async (path: string, options: Options) => {
      const { publicKey } = options.new ? await makeKeyFile(path) : await readKeyFile(path);
      createOutput(options.json).result({ ok: true, publicKey, diagnostics: [] }, publicKey);
    });
}
