import { Command } from "commander";
import { getBytes } from "ethers";

import { AssayError } from "../../../circuits/format/error.ts";
import {
  expire,
  getJob,
  resolve,
  settle,
  verifyResult,
  type Client,
  type GetJobReturnType,
  type JobFact,
} from "../../sdk/index.ts";
import { connect, connectWithKey, withChainOptions, type ChainOptions } from "../chain-options.ts";
import { createOutput, toJson } from "../output.ts";

interface Options extends ChainOptions {
  readonly end: boolean;
  readonly json: boolean;
}

export function jobCommand(): Command {
  return withChainOptions(new Command("job"))
    .description("what happened to a job, and its evidence checked on this machine")
    .argument("<jobId>", "assay request prints it")
    .option(
      "--end",
      "end it first if it is due: refund a late job, settle an unchallenged one (ASSAY_PRIVATE_KEY)",
      false,
    )
    .action(async (jobId: string, options: Options) => {
      const output = createOutput(options.json);
      const client = options.end ? await connectWithKey(options) : await connect(options);
      try {
        if (options.end) await endJob(client, await getJob(client, { jobId }));
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

/** The exit that anyone may take once a job is due; `JobNotDue` and `JobStateMismatch` come from the chain. */
async function endJob(client: Client, { job, level, state, timeline }: GetJobReturnType): Promise<void> {
  const executed = timeline.find((fact) => fact.kind === "JobExecuted");
  if (state === "Challenged") await resolve(client, { job });
  else if (level === "Vanilla" && executed) await settle(client, { job, output: getBytes(executed.output) });
  else await expire(client, { job });
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
