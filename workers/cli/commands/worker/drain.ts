import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

import { Command } from "commander";

import { NO_JOB, type RunningWorker, startWorker } from "../../../daemon/index.ts";
import { getStanding, write } from "../../../sdk/index.ts";
import { KEY_VARIABLE, openKey } from "../../key-source.ts";
import { createOutput, type Output } from "../../output.ts";
import { openOwnedWorker, type OwnedWorker } from "../../owned-worker.ts";
import { withSettings } from "../../settings/with-settings.ts";
import { workerConfigOf } from "../../worker-config.ts";
import { readWorkerFile, type WorkerFile } from "../../worker-file.ts";

interface Options {
  readonly undo: boolean;
  readonly wait: boolean;
  readonly json: boolean;
}

/** Milliseconds between looks at what is left. */
const PAUSE = 500;

export function drainCommand(): Command {
  return withSettings(new Command("drain"))
    .description("take no new jobs, and wait until nothing holds the worker's stake")
    .option("--undo", "take new jobs again", false)
    .option("--no-wait", "return at once; the worker drains all the same, over restarts too")
    .action(async (path: string | undefined, options: Options) => {
      const output = createOutput(options.json);
      const file = await readWorkerFile(path, { environment: process.env, flags: { ...options } });
      const worker = await openOwnedWorker(file, process.env);
      try {
        const wanted = !options.undo;
        await wish(worker, wanted);
        if (worker.operator.toLowerCase() !== worker.key.toLowerCase()) await tellChain(worker, wanted);
        if (options.wait)
          await (worker.isRunning() ? waitFor(worker, wanted, output) : finishHere(worker, wanted, file, output));
        const standing = await getStanding(worker.client, { workerId: worker.workerId });
        const { isDraining, bound } = standing;
        output.result(
          { ok: true, workerId: worker.workerId, isDraining, bound, diagnostics: [] },
          `worker ${worker.workerId} ${describe(isDraining, wanted)}${bound > 0n ? ", and open jobs hold stake of it" : ""}`,
        );
      } finally {
        worker.close();
      }
    });
}

function describe(isDraining: boolean, wanted: boolean): string {
  if (isDraining) return wanted ? "is draining" : "is draining still: the process that runs will end that";
  return wanted ? "will drain when its process reads its journal" : "takes new jobs";
}

/** The process that runs, here or elsewhere, and the next one read it in the journal. */
async function wish(worker: OwnedWorker, draining: boolean): Promise<void> {
  const journal = worker.journal();
  try {
    await journal.append([
      { job: NO_JOB, fact: { kind: "drain-wanted", draining, at: Math.floor(Date.now() / 1000) } },
    ]);
  } finally {
    await journal.close();
  }
}

async function tellChain(worker: OwnedWorker, draining: boolean): Promise<void> {
  const { workerId } = worker;
  const { isDraining } = await getStanding(worker.client, { workerId });
  if (isDraining === draining) return;
  await worker.asOperator((client) =>
    write(client, { contract: "workerRegistry", functionName: "setDraining", args: [workerId, draining] }),
  );
}

/** Somebody must finish the jobs: this process, as no other runs. */
async function finishHere(worker: OwnedWorker, wanted: boolean, file: WorkerFile, output: Output): Promise<void> {
  if ((await whatIsLeft(worker, wanted)) === null) return;
  output.progress("no process runs this worker: what is left is done here");
  const key = await openKey(file.key, KEY_VARIABLE, process.env);
  const running = await startWorker(await workerConfigOf(file, worker.client.deployment, key));
  try {
    await waitFor(worker, wanted, output, running);
  } finally {
    await running.stop({ finishWithin: file.finishWithin });
  }
}

/** Until nothing is left, or a signal ends the waiting. */
async function waitFor(worker: OwnedWorker, wanted: boolean, output: Output, running?: RunningWorker): Promise<void> {
  const signal = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]).then(() => "signal" as const);
  let told: string | null = null;
  for (;;) {
    const left = await whatIsLeft(worker, wanted, running);
    if (left === null) return;
    if (left !== told) output.progress(left);
    told = left;
    const woken = await Promise.race([sleep(PAUSE), signal, running?.done ?? signal]);
    if (woken === "signal") return;
  }
}

async function whatIsLeft(worker: OwnedWorker, wanted: boolean, running?: RunningWorker): Promise<string | null> {
  const { isDraining, bound } = await getStanding(worker.client, { workerId: worker.workerId });
  if (isDraining !== wanted) return "waiting for the chain to take note";
  if (!wanted) return null;
  if (bound > 0n) return "open jobs hold stake: waiting for them to end";
  const unfinished = running?.status().unfinishedJobs ?? 0;
  return unfinished === 0 ? null : `${unfinished} jobs are in work`;
}
