import { Command } from "commander";

import { backupCommand } from "./worker/backup.ts";
import { doctorCommand } from "./worker/doctor.ts";
import { drainCommand } from "./worker/drain.ts";
import { initCommand } from "./worker/init.ts";
import { replayCommand } from "./worker/replay.ts";
import { restoreCommand } from "./worker/restore.ts";
import { runCommand } from "./worker/run.ts";
import { statusCommand } from "./worker/status.ts";
import { withdrawCommand } from "./worker/withdraw.ts";

/** The commands of a worker's operator: each is a file in `worker/`. */
export function workerCommand(): Command {
  // `assay worker worker.json` runs it, too.
  return new Command("worker")
    .description("serve models: register (once), run jobs, bring evidence, earn fees")
    .addCommand(runCommand(), { isDefault: true })
    .addCommand(initCommand())
    .addCommand(doctorCommand())
    .addCommand(statusCommand())
    .addCommand(drainCommand())
    .addCommand(withdrawCommand())
    .addCommand(replayCommand())
    .addCommand(backupCommand())
    .addCommand(restoreCommand());
}
