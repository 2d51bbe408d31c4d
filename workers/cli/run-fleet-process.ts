import { once } from "node:events";

import { startFleetProcess, type TransactionSigner, WorkerError } from "../daemon/index.ts";
import type { Deployment } from "../sdk/index.ts";
import { connect, connectAs } from "./chain-options.ts";
import { addressOfKey, KEY_VARIABLE, openKey, secretsOfKey } from "./key-source.ts";
import type { Output } from "./output.ts";
import { ensureRegistered } from "./register-worker.ts";
import { workerConfigOf } from "./worker-config.ts";
import type { FleetSettings, WorkerFile } from "./worker-file.ts";

/** Runs one process of a fleet until a signal. Those that send hold the key and register it; the others only know its address. */
export async function runFleetProcess(file: WorkerFile, fleet: FleetSettings, output: Output): Promise<void> {
  const roles = [file.role].flat();
  const { deployment, signer } = roles.includes("sender") ? await register(file, output) : await join(file, fleet);
  const config = await workerConfigOf(file, deployment, signer);
  const ofKey = await secretsOfKey(file.key, KEY_VARIABLE, process.env);
  const running = await startFleetProcess({
    ...config,
    secrets: [...(config.secrets ?? []), ...ofKey],
    roles,
    postgres: { url: fleet.postgres, schema: fleet.schema },
    inferences: fleet.inferences,
    proofs: fleet.proofs,
  });
  const { workerId, monitorUrl: monitor } = running;
  output.result(
    { ok: true, workerId, roles, monitor, diagnostics: [] },
    [
      `worker ${String(workerId)}: ${roles.join(", ")} at work; stop with Ctrl-C`,
      ...(monitor === null ? [] : [`metrics and health at ${monitor}`]),
    ].join("\n"),
  );
  const signal = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  await Promise.race([signal.then(() => running.stop()), running.done]);
  await running.done;
}

interface Joined {
  readonly deployment: Deployment;
  readonly signer: TransactionSigner;
}

/** For a process that sends. */
async function register(file: WorkerFile, output: Output): Promise<Joined> {
  const signer = await openKey(file.key, KEY_VARIABLE, process.env);
  const client = await connectAs(file, signer);
  await ensureRegistered(client, file, output, process.env);
  client.provider.destroy();
  return { deployment: client.deployment, signer };
}

/** For the others: they act for the key without it. */
async function join(file: WorkerFile, { worker }: FleetSettings): Promise<Joined> {
  const { provider, deployment } = await connect(file);
  provider.destroy();
  const address = worker ?? (await addressOfKey(file.key, KEY_VARIABLE, process.env));
  const signTransaction = (): Promise<never> =>
    Promise.reject(new WorkerError("CONFIG_INVALID", "this process holds no key: signing is the sender's task"));
  return { deployment, signer: { address, signTransaction } };
}
