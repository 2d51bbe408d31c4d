import { once } from "node:events";

import { Command } from "commander";

import { type RunningWorker, startWorker } from "../../../daemon/index.ts";
import { type GatewayConfig, type RunningGateway, startGateway } from "../../../gateway/index.ts";
import { getCurrency } from "../../../sdk/index.ts";
import { connectAs } from "../../chain-options.ts";
import { gatewayConfigOf } from "../../gateway-config.ts";
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
    const currency = await getCurrency(client);
    client.provider.destroy();

    const worker = await startWorker(await workerConfigOf(file, client.deployment, key));
    const gateway = await openGateway(worker, gatewayConfigOf(file, currency, key));
    output.result(
      { ok: true, workerId, inputs: worker.inputsUrl, gateway: gateway?.url ?? null, diagnostics: [] },
      [
        `worker ${String(workerId)} is at work; stop it with Ctrl-C`,
        ...(worker.inputsUrl === null ? [] : [`private inputs at ${worker.inputsUrl}`]),
        ...(gateway === undefined ? [] : [`gateway at ${gateway.url}`]),
      ].join("\n"),
    );

    const signal = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
    const { finishWithin } = file;
    // Answers that are being made need the worker: the gateway stops first.
    const stop = async (): Promise<void> => {
      await gateway?.stop();
      await worker.stop({ finishWithin });
    };
    await Promise.race([signal.then(stop), worker.done]).finally(() => gateway?.stop());
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
