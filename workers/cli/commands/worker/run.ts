import { once } from "node:events";

import { Command } from "commander";

import { startWorker } from "../../../daemon/index.ts";
import { connectAs } from "../../chain-options.ts";
import { openKey } from "../../key-source.ts";
import { createOutput } from "../../output.ts";
import { ensureRegistered } from "../../register-worker.ts";
import { withSettings } from "../../settings/with-settings.ts";
import { workerConfigOf } from "../../worker-config.ts";
import { readWorkerFile } from "../../worker-file.ts";

export function runCommand(): Command {
  return withSettings(
    new Command("run").description("register (once), take jobs, and stop cleanly on a signal"),
    "list",
  ).action(async (path: string | undefined, options: { readonly json: boolean }) => {
    const output = createOutput(options.json);
    const file = await readWorkerFile(path, { environment: process.env, flags: options });
    const key = await openKey(file.key, "ASSAY_PRIVATE_KEY", process.env);
    const client = await connectAs(file, key);
    const workerId = await ensureRegistered(client, file, output);
    client.provider.destroy();

    const worker = await startWorker(await workerConfigOf(file, client.deployment, key));
    output.result(
      { ok: true, workerId, inputs: worker.inputsUrl, diagnostics: [] },
      [
        `worker ${String(workerId)} is at work; stop it with Ctrl-C`,
        ...(worker.inputsUrl === null ? [] : [`private inputs at ${worker.inputsUrl}`]),
      ].join("\n"),
    );

    const signal = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
    const { finishWithin } = file;
    await Promise.race([signal.then(() => worker.stop({ finishWithin })), worker.done]);
    await worker.done;
  });
}
