import { Command } from "commander";

import { collectCommand } from "./gateway/collect.ts";

/** The commands of a gateway's operator. It runs beside its worker: `assay worker run`. */
export function gatewayCommand(): Command {
  return new Command("gateway")
    .description("answers over HTTP beside a worker (`gateway` in worker.json): bring its money in")
    .addCommand(collectCommand());
}
