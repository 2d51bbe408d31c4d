import { Command } from "commander";

import { getCommand } from "./store/get.ts";
import { grantCommand } from "./store/grant.ts";
import { keyCommand } from "./store/key.ts";
import { pinsCommand } from "./store/pins.ts";
import { putCommand } from "./store/put.ts";
import { sealCommand } from "./store/seal.ts";
import { unpinCommand } from "./store/unpin.ts";

/** The commands about artifacts: each is a file in `store/`. */
export function storeCommand(): Command {
  return new Command("store")
    .description("artifacts by content id: keep, fetch, pin, and seal to workers' keys")
    .addCommand(putCommand())
    .addCommand(getCommand())
    .addCommand(pinsCommand())
    .addCommand(unpinCommand())
    .addCommand(keyCommand())
    .addCommand(sealCommand())
    .addCommand(grantCommand());
}
