import { writeFile } from "node:fs/promises";

import { Command } from "commander";

import { AssayError } from "../../../circuits/format/error.ts";
import {
  endJob,
  exportBundle,
  formatBundle,
  getJob,
  getRound,
  getStanding,
  panelIdOf,
  verifyResult,
  type Client,
  type GetJobReturnType,
  type GetRoundReturnType,
  type JobFact,
} from "../../sdk/index.ts";
import { connect, connectWithKey, withChainOptions, type ChainOptions } from "../chain-options.ts";
import { createOutput, toJson } from "../output.ts";
import { reputationLine } from "../standing-lines.ts";

interface Options extends ChainOptions {
  readonly end: boolean;
  readonly bundle?: string;
  readonly json: boolean;
}

export function jobCommand(): Command {
  return withChainOptions(new Command("job"))
    .description("what happened to a job, who answered it, and its evidence checked on this machine")
    .argument("<jobId>", "assay request prints it")
    .option(
      "--end",
      "take its next exit first if that is due: refund a late job, settle an unchallenged one, count copies, close a panel (ASSAY_PRIVATE_KEY)",
      false,
    )
    .option(
      "--bundle <file>",
      "write an enclave's result with all that assay tee recheck needs to check it without a node",
    )
    .action(async (jobId: string, options: Options) => {
      const output = createOutput(options.json);
      const client = options.end ? await connectWithKey(options) : await connect(options);
      try {
        if (options.end) await endJob(client, { jobId });
        if (options.bundle !== undefined)
          await writeFile(options.bundle, formatBundle(await exportBundle(client, { jobId })));
        const found = await getJob(client, { jobId });
        const { level, state, job, terms, timeline } = found;
        const [rounds, workers, check] = await Promise.all([
          readRounds(client, found),
          readWorkers(client, timeline),
          checkResult(client, jobId),
        ]);
        output.result(
          { ok: true, jobId, level, state, job, terms, timeline, ...rounds, workers, check, diagnostics: [] },
          [
            jobId,
            `${level}, ${state}`,
            ...timeline.map(describe),
            ...describeRound("copies", rounds.copies),
            ...describeRound("panel", rounds.panel),
            ...workers.map(({ workerId, ...standing }) => `  ${reputationLine(workerId, standing)}`),
            "",
            ...check.lines,
          ].join("\n"),
        );
      } finally {
        client.provider.destroy();
      }
    });
}

interface Rounds {
  readonly copies: GetRoundReturnType | null;
  readonly panel: GetRoundReturnType | null;
}

async function readRounds(client: Client, { jobId, terms, timeline }: GetJobReturnType): Promise<Rounds> {
  const isJudged = timeline.some((fact) => fact.kind === "PanelCalled");
  const [copies, panel] = await Promise.all([
    terms.copies > 1n ? getRound(client, { roundId: jobId }) : null,
    isJudged ? getRound(client, { roundId: panelIdOf(jobId) }) : null,
  ]);
  return { copies, panel };
}

/** Everybody who took part, with what is known of them. */
function readWorkers(client: Client, timeline: readonly JobFact[]) {
  const workerIds = new Set(timeline.flatMap((fact) => ("workerId" in fact ? [fact.workerId] : [])));
  workerIds.delete(0n);
  return Promise.all(
    [...workerIds].map(async (workerId) => ({ workerId, ...(await getStanding(client, { workerId })) })),
  );
}

function describeRound(name: string, round: GetRoundReturnType | null): string[] {
  if (round === null) return [];
  const { phase, seats, quorum, taken } = round;
  const members = taken.map(({ workerId, state }) => `worker ${workerId} ${state}`);
  return [
    `  ${name}: ${phase}, ${taken.length} of ${seats} seats, ${quorum} equal answers decide`,
    ...members.map((line) => `    ${line}`),
  ];
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
