import { once } from "node:events";

import { Command } from "commander";

import { type RunningWorker, startWorker } from "../../../daemon/index.ts";
import { type GatewayConfig, type RunningGateway, startGateway } from "../../../gateway/index.ts";
import { getCurrency } from "../../../sdk/index.ts";
import { connectAs } from "../../chain-options.ts";
import { gatewayConfigOf } from "../../gateway-config.ts";
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
    const currency = await getCurrency(client);
    client.provider.destroy();

    const config = await workerConfigOf(file, client.deployment, key);
    const ofKey = await secretsOfKey(file.key, KEY_VARIABLE, process.env);
    const worker = await startWorker({ ...config, secrets: [...(config.secrets ?? []), ...ofKey] });
    const gateway = await openGateway(worker, gatewayConfigOf(file, currency, key));
    const { inputsUrl: inputs, monitorUrl: monitor } = worker;
    output.result(
      { ok: true, workerId, inputs, monitor, gateway: gateway?.url ?? null, diagnostics: [] },
      [
        `worker ${String(workerId)} is at work; stop it with Ctrl-C`,
        ...(inputs === null ? [] : [`private inputs at ${inputs}`]),
        ...(monitor === null ? [] : [`metrics and health at ${monitor}`]),
        ...(gateway === undefined ? [] : [`gateway at ${gateway.url}`]),
      ].join("\n"),
    );

    const signal = (): Promise<unknown> => Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
    await Promise.race([signal(), worker.done]).finally(() => {
      // The second one says that there is no time.
      void signal().then(() => worker.stop());
      // Answers that are being made need the worker: the gateway stops first.
      return gateway?.stop();
    });
    output.progress(`stopping: up to ${file.finishWithin} s for what is in work; a second signal stops at once`);
    await worker.stop({ finishWithin: file.finishWithin });
    await worker.done;
  });
}

/** A gateway that cannot start takes its worker with it. */
async function openGateway(
  worker: RunningWorker,
  config: GatewayConfig | undefined,
): Promise<RunningGateway | undefined> {
  try {
    return config && (await startGateway(worker, config));
  } catch (error) {
    await worker.stop();
    throw error;
  }
}
