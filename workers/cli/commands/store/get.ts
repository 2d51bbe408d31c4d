import { Command } from "commander";

import { writeWhole } from "../../../publish/write-whole.ts";
import { sourcesFor } from "../../../sdk/index.ts";
import { firstOf, openSource } from "../../../store/index.ts";
import { createOutput } from "../../output.ts";
import { DEFAULT_STORE, storeOptions } from "../../store-options.ts";

interface Options {
  readonly store: string;
  readonly uri?: string;
  readonly out?: string;
  readonly json: boolean;
}

export function getCommand(): Command {
  return new Command("get")
    .description("fetch a file and verify it")
    .argument("<content id>")
    .option("--store <address>", "any store, or the https:// base of a server or IPFS gateway", DEFAULT_STORE)
    .option("--uri <base>", "the address of a version, read by the store")
    .option("--out <file>", "where it goes (default: its content id, here)")
    .action(async (cid: string, options: Options) => {
      const store = await openSource(options.store, storeOptions());
      const source = options.uri === undefined ? store : firstOf(sourcesFor(options.uri, [store]));
      const bytes = await source.get(cid);
      const out = options.out ?? cid;
      await writeWhole(out, bytes);
      createOutput(options.json).result(
        { ok: true, cid, bytes: bytes.length, out, diagnostics: [] },
        `${bytes.length} bytes in ${out}`,
      );
    });
}
