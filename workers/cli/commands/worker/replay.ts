import { Command, InvalidArgumentError } from "commander";

import { replay, type Replayed, type ReplayTarget } from "../../../daemon/index.ts";
import { connectAs } from "../../chain-options.ts";
import { openKey } from "../../key-source.ts";
import { createOutput } from "../../output.ts";
import { withSettings } from "../../settings/with-settings.ts";
import { workerConfigOf } from "../../worker-config.ts";
import { readWorkerFile } from "../../worker-file.ts";

export function replayCommand(): Command {
  const command = new Command("replay")
    .description("read the chain once more, from a block or for a job, and journal what was missed; not while it runs")
    .argument("<block|jobId>", "a block, from which all are read again, or a job, which is also tried again", toTarget);
  return withSettings(command).action(
    async (target: ReplayTarget, path: string | undefined, options: { readonly json: boolean }) => {
      const output = createOutput(options.json);
      const file = await readWorkerFile(path, { environment: process.env, flags: options });
      const key = await openKey(file.key, "ASSAY_PRIVATE_KEY", process.env);
      const { deployment, provider } = await connectAs(file, key);
      provider.destroy();
      const onProgress = (block: number): void => output.progress(`read up to block ${block}`);
      const replayed = await replay(await workerConfigOf(file, deployment, key), target, onProgress);
      output.result({ ok: true, ...replayed, diagnostics: [] }, linesOf(replayed).join("\n"));
    },
  );
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
