import { Command } from "commander";

import { runCommand } from "./worker/run.ts";

/** The commands of a worker's operator: each is a file in `worker/`. */
export function workerCommand(): Command {
  // `assay worker worker.json` runs it, too.
  return new Command("worker")
    .description("serve models: register (once), run jobs, bring evidence, earn fees")
    .addCommand(runCommand(), { isDefault: true });
}
