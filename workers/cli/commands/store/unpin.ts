import { Command } from "commander";

import { openPins } from "../../../store/index.ts";
import { createOutput } from "../../output.ts";
import { storeOptions } from "../../store-options.ts";

interface Options {
  readonly store: string;
  readonly json: boolean;
}

export function unpinCommand(): Command {
  return new Command("unpin")
    .description("give an address up, with those of its files that no other pinned address has")
    .argument("<ipfs://…>")
    .requiredOption("--store <address>", "ipfs:<directory> or kubo+http://…")
    .action(async (address: string, options: Options) => {
      await (await openPins(options.store, storeOptions())).unpin(address);
      createOutput(options.json).result({ ok: true, address, diagnostics: [] }, `${address} is no longer kept`);
    });
}
