import { Command, InvalidArgumentError } from "commander";
import { Wallet } from "ethers";

import { replay, type Replayed, type ReplayTarget } from "../../../daemon/index.ts";
import { connectWithKey, signingKey } from "../../chain-options.ts";
import { createOutput } from "../../output.ts";
import { workerConfigOf } from "../../worker-config.ts";
import { readWorkerFile } from "../../worker-file.ts";

export function replayCommand(): Command {
  return new Command("replay")
    .description(
      "read the chain once more, from a block or for a job, and journal what was missed; the worker must not run",
    )
    .argument("<worker.json>", "configuration; see docs/worker.md")
    .argument("<block|jobId>", "a block, from which all are read again, or a job, which is also tried again", toTarget)
    .action(async (path: string, target: ReplayTarget, options: { readonly json: boolean }) => {
      const output = createOutput(options.json);
      const file = await readWorkerFile(path);
      const { deployment, provider } = await connectWithKey(file);
      provider.destroy();
      const config = workerConfigOf(file, deployment, new Wallet(signingKey()));
      const replayed = await replay(config, target, (block) => output.progress(`read up to block ${block}`));
      output.result({ ok: true, ...replayed, diagnostics: [] }, linesOf(replayed).join("\n"));
    });
}

function toTarget(text: string): ReplayTarget {
  if (/^\d{1,15}$/.test(text)) return { block: Number(text) };
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return { jobId: `0x${text.slice(2).toLowerCase()}` };
  throw new InvalidArgumentError("must be the number of a block, or a job's id: 0x and 64 hexadecimal digits");
}

function linesOf({ added, view }: Replayed): string[] {
  return [
    added.length === 0 ? "nothing was missing" : `${added.length} facts were missing:`,
    ...added.map(({ job, fact }) => `  ${fact.kind} of job ${job}`),
    ...(view === null ? [] : [`the job is ${view.chain.state}; the worker's next start tries it again`]),
  ];
}
