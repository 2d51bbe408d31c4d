import { Command } from "commander";

import { connect, readDeploymentFile } from "../../chain-options.ts";
import { chainChecks } from "../../doctor/chain-checks.ts";
import { check, type Finding, linesOf } from "../../doctor/check.ts";
import { directoryChecks, machineChecks, portCheck } from "../../doctor/machine-checks.ts";
import { artifactChecks, gasCheck, journalCheck, registrationChecks } from "../../doctor/worker-checks.ts";
import { type Key, KEY_VARIABLE, openKey } from "../../key-source.ts";
import { createOutput } from "../../output.ts";
import { findWorker } from "../../register-worker.ts";
import { openOwnedWorker } from "../../owned-worker.ts";
import { withSettings } from "../../settings/with-settings.ts";
import { workerConfigOf } from "../../worker-config.ts";
import { readWorkerFile, type WorkerFile } from "../../worker-file.ts";

export function doctorCommand(): Command {
  return withSettings(new Command("doctor"))
    .description("check everything that could go wrong before money is at stake, and say what to do about it")
    .action(async (path: string | undefined, options: { readonly json: boolean }) => {
      const output = createOutput(options.json);
      const file = await readWorkerFile(path, { environment: process.env, flags: { ...options } });
      const findings = await examine(file);
      const problems = findings.filter(({ state }) => state === "problem");
      if (problems.length > 0) process.exitCode = 1;
      const diagnostics = problems.map(({ name, message }) => ({ code: "DOCTOR", node: name, op: null, message }));
      output.result({ ok: problems.length === 0, findings, diagnostics }, linesOf(findings).join("\n"));
    });
}

/** What depends on something that does not work is not looked at. */
async function examine(file: WorkerFile): Promise<readonly Finding[]> {
  const findings = await Promise.all([...machineChecks(), ...directoryChecks(file.directory)]);
  let opened: Key | undefined;
  const key = await check("key", "see `key` in docs/operations.md; assay worker init makes a new one", async () => {
    opened = await openKey(file.key, KEY_VARIABLE, process.env);
    return `${opened.address} (${file.key.source})`;
  });
  const deployment = await check("deployment", "set `deployment` to this deployment's file", async () => {
    const { market } = await readDeploymentFile(file.deployment);
    return `market ${market}`;
  });
  const here = [...findings, key, deployment];
  if (deployment.state === "problem") return [...here, ...(await Promise.all(ports(file, false)))];
  const nodes = await Promise.all(chainChecks([file.rpc].flat(), await readDeploymentFile(file.deployment)));
  if (opened === undefined || nodes.some(({ state }) => state === "problem"))
    return [...here, ...nodes, ...(await Promise.all(ports(file, false)))];
  return [...here, ...nodes, ...(await ofWorker(file, opened))];
}

async function ofWorker(file: WorkerFile, signer: Key): Promise<readonly Finding[]> {
  const client = await connect(file);
  try {
    const config = await workerConfigOf(file, client.deployment, signer);
    const always = [gasCheck(client, signer.address), ...artifactChecks(client, file, config)];
    if ((await findWorker(client, signer.address)) === undefined)
      return await Promise.all([...always, notRegistered(signer.address, file), ...ports(file, false)]);
    const worker = await openOwnedWorker(file, process.env);
    const isRunning = worker.isRunning();
    try {
      return await Promise.all([
        ...always,
        ...registrationChecks(worker, file),
        journalCheck(worker, file),
        check("process", "", () => (isRunning ? "runs on this machine" : "does not run on this machine")),
        ...ports(file, isRunning),
      ]);
    } finally {
      worker.close();
    }
  } finally {
    client.provider.destroy();
  }
}

function notRegistered(address: string, { stake }: WorkerFile): Promise<Finding> {
  return check("registered", "", () => ({
    warning: `${address} is no worker's key yet`,
    remedy: `assay worker run registers it with a stake of ${stake}, which it takes from the same account`,
  }));
}

function ports({ inputs, monitor }: WorkerFile, isRunning: boolean): Promise<Finding>[] {
  return Object.entries({ inputs, monitor }).flatMap(([name, at]) =>
    at === undefined ? [] : [portCheck(name, at.host, at.port, isRunning)],
  );
}
