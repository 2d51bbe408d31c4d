import { Command } from "commander";

import { openPins } from "../../../store/index.ts";
import { createOutput } from "../../output.ts";
import { storeOptions } from "../../store-options.ts";

interface Options {
  readonly store: string;
  readonly json: boolean;
}

export function pinsCommand(): Command {
  return new Command("pins")
    .description("addresses that an IPFS store keeps")
    .requiredOption("--store <address>", "ipfs:<directory> or kubo+http://…")
    .action(async (options: Options) => {
      const pins = await (await openPins(options.store, storeOptions())).pins();
      createOutput(options.json).result({ ok: true, pins, diagnostics: [] }, pins.join("\n") || "nothing is pinned");
    });
}
