import { join } from "node:path";

import { Command } from "commander";

import { backupJournal } from "../../../daemon/index.ts";
import { createOutput } from "../../output.ts";
import { withSettings } from "../../settings/with-settings.ts";
import { readWorkerFile } from "../../worker-file.ts";

interface BackupFlags extends Readonly<Record<string, unknown>> {
  readonly json: boolean;
  readonly to: string;
}

export function backupCommand(): Command {
  return withSettings(
    new Command("backup").description("copy the journal of a worker, which may run meanwhile, into a new file"),
  )
    .requiredOption("--to <file>", "where to, a file that does not exist yet")
    .addHelpText("after", "\nNeeds no key. The copy holds salts of open commitments: keep it private.")
    .action(async (path: string | undefined, flags: BackupFlags) => {
      const output = createOutput(flags.json);
      const { directory } = await readWorkerFile(path, { environment: process.env, flags });
      const { identity, facts, recordedAt } = await backupJournal(join(directory, "journal.sqlite"), flags.to);
      output.result(
        { ok: true, file: flags.to, ...identity, facts, recordedAt, diagnostics: [] },
        `${flags.to}: ${facts} facts of key ${identity.workerKey} on chain ${identity.chainId}`,
      );
    });
}
