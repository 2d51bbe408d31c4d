import { join } from "node:path";

import { Command } from "commander";

import { backupJournal } from "../../../daemon/index.ts";
import { backupLedger } from "../../../gateway/index.ts";
import { ledgerDirectory } from "../../gateway-config.ts";
import { createOutput } from "../../output.ts";
import { withSettings } from "../../settings/with-settings.ts";
import { readWorkerFile } from "../../worker-file.ts";

interface BackupFlags extends Readonly<Record<string, unknown>> {
  readonly json: boolean;
  readonly to: string;
}

export function backupCommand(): Command {
  return withSettings(
    new Command("backup").description(
      "copy the journal of a worker, which may run meanwhile, into a new file, and its gateway's ledger beside it",
    ),
  )
    .requiredOption("--to <file>", "where to, a file that does not exist yet")
    .addHelpText("after", "\nNeeds no key. The copy holds salts of open commitments: keep it private.")
    .action(async (path: string | undefined, flags: BackupFlags) => {
      const output = createOutput(flags.json);
      const { directory } = await readWorkerFile(path, { environment: process.env, flags });
      const { identity, facts, recordedAt } = await backupJournal(join(directory, "journal.sqlite"), flags.to);
      const copy = `${flags.to}.ledger`;
      const ledger = (await backupLedger(ledgerDirectory({ directory }), copy)) ? copy : null;
      output.result(
        { ok: true, file: flags.to, ...identity, facts, recordedAt, ledger, diagnostics: [] },
        [
          `${flags.to}: ${facts} facts of key ${identity.workerKey} on chain ${identity.chainId}`,
          ...(ledger === null ? [] : [`${ledger}: the ledger of its gateway`]),
        ].join("\n"),
      );
    });
}
