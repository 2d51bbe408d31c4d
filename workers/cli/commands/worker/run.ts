import { once } from "node:events";

import { Command } from "commander";

import { startWorker } from "../../../daemon/index.ts";
import { connectAs } from "../../chain-options.ts";
import { KEY_VARIABLE, openKey, secretsOfKey } from "../../key-source.ts";
import { createOutput } from "../../output.ts";
import { ensureRegistered } from "../../register-worker.ts";
import { withSettings } from "../../settings/with-settings.ts";
import { runFleetProcess } from "../../run-fleet-process.ts";
import { workerConfigOf } from "../../worker-config.ts";
import { readWorkerFile } from "../../worker-file.ts";

export function runCommand(): Command {
  return withSettings(
    new Command("run").description("register (once), take jobs, and stop cleanly on a signal"),
    "list",
  ).action(async (path: string | undefined, options: { readonly json: boolean }) => {
    const output = createOutput(options.json);
    const file = await readWorkerFile(path, { environment: process.env, flags: options });
    if (file.fleet !== undefined) return runFleetProcess(file, file.fleet, output);
    const key = await openKey(file.key, KEY_VARIABLE, process.env);
    const client = await connectAs(file, key);
    const workerId = await ensureRegistered(client, file, output, process.env);
    client.provider.destroy();

    const config = await workerConfigOf(file, client.deployment, key);
    const ofKey = await secretsOfKey(file.key, KEY_VARIABLE, process.env);
    const worker = await startWorker({ ...config, secrets: [...(config.secrets ?? []), ...ofKey] });
    output.result(
      { ok: true, workerId, inputs: worker.inputsUrl, monitor: worker.monitorUrl, diagnostics: [] },
      [
        `worker ${String(workerId)} is at work; stop it with Ctrl-C`,
        ...(worker.inputsUrl === null ? [] : [`private inputs at ${worker.inputsUrl}`]),
        ...(worker.monitorUrl === null ? [] : [`metrics and health at ${worker.monitorUrl}`]),
      ].join("\n"),
    );

    const signal = (): Promise<unknown> => Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
    await Promise.race([signal(), worker.done]);
    output.progress(`stopping: up to ${file.finishWithin} s for what is in work; a second signal stops at once`);
    // The second one says that there is no time.
    void signal().then(() => worker.stop());
    await worker.stop({ finishWithin: file.finishWithin });
    await worker.done;
  });
}
