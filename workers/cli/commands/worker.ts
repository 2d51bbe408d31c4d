import { once } from "node:events";

import { Command } from "commander";
import { Wallet } from "ethers";

import { startWorker } from "../../daemon/index.ts";
import { HttpStore } from "../../sdk/index.ts";
import { LocalStore } from "../../store/index.ts";
import { connectWithKey, signingKey } from "../chain-options.ts";
import { enclaveOf } from "../enclave.ts";
import { createOutput } from "../output.ts";
import { ensureRegistered } from "../register-worker.ts";
import { readWorkerFile } from "../worker-file.ts";

export function workerCommand(): Command {
  return new Command("worker")
    .description("serve models: register (once), run jobs, bring evidence, earn fees; stops cleanly on a signal")
    .argument("<worker.json>", "configuration; see docs/worker.md")
    .addHelpText("after", "\nThe worker's key is read from ASSAY_PRIVATE_KEY. Logs are JSON lines on standard error.")
    .action(async (path: string, options: { readonly json: boolean }) => {
      const output = createOutput(options.json);
      const file = await readWorkerFile(path);
      const client = await connectWithKey(file);
      const workerId = await ensureRegistered(client, file, output);
      client.provider.destroy();

      const worker = await startWorker({
        deployment: client.deployment,
        rpcUrls: [file.rpc].flat(),
        ...(file.rpcQuorum !== undefined && { rpcQuorum: file.rpcQuorum }),
        ...(file.websocket !== undefined && { websocketUrl: file.websocket }),
        signer: new Wallet(signingKey()),
        directory: file.directory,
        ...(file.lockDirectory !== undefined && { lockDirectory: file.lockDirectory }),
        stores: [
          ...file.ownerStores.map((directory) => new LocalStore(directory)),
          ...file.stores.map((url) => new HttpStore(url)),
        ],
        ...(file.inputs && { inputs: file.inputs }),
        policy: { challenge: file.challenge, rounds: file.rounds, returnToDraws: file.returnToDraws },
        ...(file.enclave && { enclave: enclaveOf(file.enclave) }),
        confirmations: file.confirmations,
        pollInterval: file.pollInterval,
        logLevel: file.logLevel,
      });
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
