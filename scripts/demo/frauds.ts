import { setTimeout as sleep } from "node:timers/promises";

import type { Signer } from "ethers";

import { AssayError } from "../../circuits/format/error.ts";
import type { Question } from "../../examples/support-desk/questions.ts";
import {
  drawnWorker,
  execute,
  fulfill,
  getJob,
  isContractError,
  waitForResult,
  type Client,
  type GetJobReturnType,
  type Level,
} from "../../workers/sdk/index.ts";
import { fetchEvidence } from "../../workers/sdk/fetch-evidence.ts";
import { ask, type Desk } from "./ask.ts";

/** What a dishonest worker needs: its own client, and a customer whose questions it waits for. */
export interface Dishonest {
  readonly client: Client;
  readonly workerId: bigint;
  readonly desk: Desk;
  readonly customer: Signer;
  readonly questions: readonly Question[];
  /** What the model answers: the lie is the next label. */
  readonly honestAnswer: (question: Question) => bigint;
}

export interface SlashedAnswer {
  readonly question: Question;
  readonly jobId: string;
  readonly posted: bigint;
  readonly challenger: string;
  /** In wei. */
  readonly refund: bigint;
  readonly slashed: bigint;
}

const POLL_MS = 250;

/** Posts a wrong answer at Vanilla, and waits for what comes of it: a challenge, no evidence, a slash and a refund. */
export async function postWrongAnswer(liar: Dishonest, labels: number): Promise<SlashedAnswer> {
  const { question, job } = await untilDrawn(liar, "Vanilla");
  const posted = (liar.honestAnswer(question) + 1n) % BigInt(labels);
  await execute(liar.client, { job: job.job, output: Uint8Array.of(Number(posted)) });
  for (;;) {
    const { timeline } = await getJob(liar.client, { jobId: job.jobId });
    const refunded = timeline.find((fact) => fact.kind === "JobRefunded");
    const challenged = timeline.find((fact) => fact.kind === "JobChallenged");
    if (refunded !== undefined && challenged !== undefined)
      return {
        question,
        jobId: job.jobId,
        posted,
        challenger: challenged.challenger,
        refund: refunded.refund,
        slashed: refunded.slashed,
      };
    await sleep(POLL_MS);
  }
}

export interface RefusedProofs {
  readonly jobId: string;
  /** Error codes of the chain for the replayed and for the tampered proof. */
  readonly replayed: string;
  readonly tampered: string;
  /** Who answered in the end. */
  readonly answeredBy: bigint;
}

/** Tries another job's genuine proof, and then the same with one byte changed; neither may pass. */
export async function sendBadProofs(liar: Dishonest, genuine: GetJobReturnType): Promise<RefusedProofs> {
  const { job } = await untilDrawn(liar, "Zkml");
  const fulfilled = genuine.timeline.find((fact) => fact.kind === "JobFulfilled");
  if (fulfilled === undefined) throw new Error(`job ${genuine.jobId} was not fulfilled`);
  const { output, evidence } = await fetchEvidence(liar.client, genuine.jobId, fulfilled);
  const input = job.input;
  const replay = Uint8Array.from([...evidence.subarray(0, 256), ...input]);
  const replayed = await refusal(() => fulfill(liar.client, { job: job.job, output, evidence: replay }));
  const changed = replay.slice();
  changed[40] = (changed[40] ?? 0) ^ 1;
  const tampered = await refusal(() => fulfill(liar.client, { job: job.job, output, evidence: changed }));
  await waitForResult(liar.client, { jobId: job.jobId, finality: "final", timeout: 60_000 });
  const { timeline } = await getJob(liar.client, { jobId: job.jobId });
  const settled = timeline.find((fact) => fact.kind === "JobSettled");
  return { jobId: job.jobId, replayed, tampered, answeredBy: settled?.workerId ?? 0n };
}

/** Asks until the draw falls on the dishonest worker; honest workers answer the other questions. */
async function untilDrawn(liar: Dishonest, level: Level): Promise<{ question: Question; job: GetJobReturnType }> {
  for (const question of liar.questions) {
    const { jobId } = await ask(liar.desk, question, level, liar.customer);
    const job = await getJob(liar.client, { jobId });
    const { workerId } = await drawOf(liar.client, job);
    if (workerId === liar.workerId) return { question, job };
    await waitForResult(liar.client, { jobId, finality: "executed", timeout: 60_000 });
  }
  throw new Error(
    `the draw never fell on worker ${String(liar.workerId)} in ${String(liar.questions.length)} questions`,
  );
}

/** The draw is known from the block after the request on. */
async function drawOf(client: Client, { job }: GetJobReturnType): Promise<{ readonly workerId: bigint }> {
  for (;;) {
    try {
      return await drawnWorker(client, { job });
    } catch (error) {
      if (!isContractError(error, "DrawNotReady")) throw error;
      await sleep(POLL_MS);
    }
  }
}

async function refusal(attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof AssayError) return error.code;
    throw error;
  }
  throw new Error("the chain accepted a bad proof");
}
