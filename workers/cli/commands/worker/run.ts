import { once } from "node:events";

import { Command } from "commander";
import { Wallet } from "ethers";

import { startWorker } from "../../../daemon/index.ts";
import { connectWithKey, signingKey } from "../../chain-options.ts";
import { createOutput } from "../../output.ts";
import { ensureRegistered } from "../../register-worker.ts";
import { workerConfigOf } from "../../worker-config.ts";
import { readWorkerFile } from "../../worker-file.ts";

export function runCommand(): Command {
  return new Command("run")
    .description("register (once), take jobs, and stop cleanly on a signal")
    .argument("<worker.json>", "configuration; see docs/worker.md")
    .addHelpText("after", "\nThe worker's key is read from ASSAY_PRIVATE_KEY. Logs are JSON lines on standard error.")
    .action(async (path: string, options: { readonly json: boolean }) => {
      const output = createOutput(options.json);
      const file = await readWorkerFile(path);
      const client = await connectWithKey(file);
      const workerId = await ensureRegistered(client, file, output);
      client.provider.destroy();

      const worker = await startWorker(workerConfigOf(file, client.deployment, new Wallet(signingKey())));
      output.result(
        { ok: true, workerId, inputs: worker.inputsUrl, diagnostics: [] },
        [
          `worker ${String(workerId)} is at work; stop it with Ctrl-C`,
          ...(worker.inputsUrl === null ? [] : [`private inputs at ${worker.inputsUrl}`]),
        ].join("\n"),
      );

      const signal = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
      await Promise.race([signal.then(() => worker.stop()), worker.done]);
      await worker.done;
    });
}
