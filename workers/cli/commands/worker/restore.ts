import { join } from "node:path";

import { Command } from "commander";

import { defaultLockDirectory, restoreJournal } from "../../../daemon/index.ts";
import { connect } from "../../chain-options.ts";
import { createOutput } from "../../output.ts";
import { withSettings } from "../../settings/with-settings.ts";
import { readWorkerFile } from "../../worker-file.ts";

interface RestoreFlags extends Readonly<Record<string, unknown>> {
  readonly json: boolean;
  readonly from: string;
  readonly acceptMissing?: true;
}

export function restoreCommand(): Command {
  return withSettings(
    new Command("restore").description("put a backup in the place of a journal that is damaged, gone or older"),
  )
    .requiredOption("--from <file>", "what `assay worker backup` wrote")
    .option("--accept-missing", "although the key has sent transactions that the backup does not know")
    .addHelpText("after", "\nNeeds no key. Read in docs/worker.md what an old journal may cost first.")
    .action(async (path: string | undefined, flags: RestoreFlags) => {
      const output = createOutput(flags.json);
      const file = await readWorkerFile(path, { environment: process.env, flags });
      const { provider, deployment } = await connect(file);
      try {
        const { contents, before } = await restoreJournal({
          backup: flags.from,
          journal: join(file.directory, "journal.sqlite"),
          chainId: deployment.chainId,
          market: `0x${deployment.market.slice(2)}`,
          lockDirectory: file.lockDirectory ?? defaultLockDirectory(),
          transactionsSent: (key) => provider.getTransactionCount(key, "pending"),
          acceptMissing: flags.acceptMissing === true,
        });
        const { identity, facts } = contents;
        const kept = before === null ? "there was no journal before" : `what was there before is ${before}`;
        output.result(
          { ok: true, ...identity, facts, before, diagnostics: [] },
          `restored ${facts} facts of key ${identity.workerKey}; ${kept}`,
        );
      } finally {
        provider.destroy();
      }
    });
}
