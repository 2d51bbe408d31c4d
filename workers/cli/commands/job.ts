import { Command } from "commander";

import { AssayError } from "../../../circuits/format/error.ts";
import { getJob, verifyResult, type Client, type JobFact } from "../../sdk/index.ts";
import { connect, withChainOptions, type ChainOptions } from "../chain-options.ts";
import { createOutput, toJson } from "../output.ts";

export function jobCommand(): Command {
  return withChainOptions(new Command("job"))
    .description("what happened to a job, and its evidence checked on this machine")
    .argument("<jobId>", "assay request prints it")
    .action(async (jobId: string, options: ChainOptions & { readonly json: boolean }) => {
      const output = createOutput(options.json);
      const client = await connect(options);
      try {
        const { job, level, state, timeline } = await getJob(client, { jobId });
        const check = await checkResult(client, jobId);
        output.result(
          { ok: true, jobId, level, state, job, timeline, check, diagnostics: [] },
          [jobId, `${level}, ${state}`, ...timeline.map(describe), "", ...check.lines].join("\n"),
        );
      } finally {
        client.provider.destroy();
      }
    });
}

interface ResultCheck {
  /** null: there is nothing to check yet. */
  readonly verified: boolean | null;
  readonly lines: readonly string[];
}

/** A result that does not verify is told, not thrown: the job's history matters then most. */
async function checkResult(client: Client, jobId: string): Promise<ResultCheck> {
  try {
    const result = await verifyResult(client, { jobId });
    return {
      verified: result.evidence === "stake" ? null : true,
      lines: [`evidence checked here: ${result.evidence}`, ...result.caveats],
    };
  } catch (error) {
    if (!(error instanceof AssayError)) throw error;
    const verified = error.code === "RESULT_UNVERIFIED" ? false : null;
    if (verified === false) process.exitCode = 1;
    return { verified, lines: [`${error.code}: ${error.message}`] };
  }
}

const POSITION = ["kind", "jobId", "blockNumber", "blockHash", "transactionHash", "logIndex", "job", "input"];

function describe(fact: JobFact): string {
  const values = Object.entries(fact).filter(([name]) => !POSITION.includes(name));
  const text = values.map(([name, value]) => `${name} ${typeof value === "string" ? value : toJson(value)}`).join(", ");
  return `  block ${String(fact.blockNumber)}  ${fact.kind}  ${text}`;
}
