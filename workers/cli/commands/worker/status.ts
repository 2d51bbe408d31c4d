import { Command } from "commander";
import { formatEther } from "ethers";

import { type Journal, NO_JOB, reduce, wantsDraining } from "../../../daemon/index.ts";
import { getCurrency, getStanding } from "../../../sdk/index.ts";
import { createOutput } from "../../output.ts";
import { openOwnedWorker } from "../../owned-worker.ts";
import { withSettings } from "../../settings/with-settings.ts";
import { standingLines } from "../../standing-lines.ts";
import { readWorkerFile } from "../../worker-file.ts";

export function statusCommand(): Command {
  return withSettings(new Command("status"))
    .description("the worker as the chain and its journal know it, whether or not it runs")
    .action(async (path: string | undefined, options: { readonly json: boolean }) => {
      const output = createOutput(options.json);
      const file = await readWorkerFile(path, { environment: process.env, flags: { ...options } });
      const worker = await openOwnedWorker(file, process.env);
      const journal = worker.journal();
      try {
        const { client, workerId, key } = worker;
        const [standing, currency, balance, head, known] = await Promise.all([
          getStanding(client, { workerId }),
          getCurrency(client),
          client.provider.getBalance(key),
          client.provider.getBlockNumber(),
          readJournal(journal),
        ]);
        const isRunning = worker.isRunning();
        const { cursor, jobs, pending, drainWanted } = known;
        const lines = [
          ...standingLines(workerId, standing, currency),
          `  ${isRunning ? "runs" : "does not run"} on this machine${drainWanted === null ? "" : `; its owner wants it to ${drainWanted ? "drain" : "take jobs"}`}`,
          `  the key holds ${formatEther(balance)} for gas`,
          `  read ${cursor === null ? "no block yet" : `up to block ${cursor}`}, the chain is at ${head}`,
          `  ${jobs.length} open jobs, ${pending} transactions pending`,
          ...jobs.map(
            ({ jobId, level, state, why }) => `    ${jobId} ${level ?? "?"} ${state}${why === null ? "" : `: ${why}`}`,
          ),
        ];
        const result = { workerId, isRunning, drainWanted, ...standing, balance, head, cursor, jobs, pending };
        output.result({ ok: true, ...result, diagnostics: [] }, lines.join("\n"));
      } finally {
        await journal.close();
        worker.close();
      }
    });
}

/** A journal may be read while its worker writes it. */
async function readJournal(journal: Journal) {
  const [newest] = await journal.blocks(1);
  const open = await journal.openJobs();
  const views = await Promise.all(open.map(async (jobId) => reduce(jobId, await journal.factsOf(jobId))));
  const own = reduce(NO_JOB, await journal.factsOf(NO_JOB));
  const nonces = [...views, own].flatMap(({ sends }) => sends.filter(({ outcome }) => outcome === "pending"));
  const jobs = views.map(({ jobId, job, chain, decline }) => ({
    jobId,
    level: job?.level ?? null,
    state: chain.state,
    deadline: job?.deadline ?? null,
    why: decline === null ? null : `${decline.reason}: ${decline.detail}`,
  }));
  return {
    cursor: newest?.number ?? null,
    jobs,
    pending: new Set(nonces.map(({ nonce }) => nonce)).size,
    drainWanted: await wantsDraining(journal),
  };
}
