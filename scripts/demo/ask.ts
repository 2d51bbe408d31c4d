import type { Interface } from "ethers";
import { Contract, type Signer } from "ethers";

import { encodeInput, type InputAdapter } from "../../circuits/format/adapter.ts";
import { packTensors, type TensorSpec } from "../../circuits/format/tensor.ts";
import type { Question } from "../../examples/support-desk/questions.ts";
import {
  decodeMarketLogs,
  getJob,
  LEVELS,
  waitForResult,
  type Client,
  type GetJobReturnType,
  type JobFact,
  type Level,
} from "../../workers/sdk/index.ts";

const POLL_MS = 250;

/** A question that the desk asked the market. */
export interface AskedQuestion {
  readonly question: Question;
  readonly level: Level;
  readonly jobId: string;
  readonly askedAt: number;
}

export interface AnsweredQuestion extends AskedQuestion {
  readonly label: bigint;
  readonly latencyMs: number;
  /** Comes when the answer is final: proven, signed or unchallenged, and paid for. */
  readonly settlement: Promise<Settlement>;
}

export interface Settlement {
  readonly job: GetJobReturnType;
  /** From the request on. */
  readonly finalMs: number;
}

/** What a customer needs to ask: the desk, the model's adapter and the highest fee in wei. */
export interface Desk {
  readonly address: string;
  readonly abi: Interface;
  readonly adapter: InputAdapter;
  readonly inputs: readonly TensorSpec[];
  readonly fee: bigint;
}

/** Sends one question through the desk's contract. */
export async function ask(desk: Desk, question: Question, level: Level, customer: Signer): Promise<AskedQuestion> {
  const askedAt = performance.now();
  const features = packTensors(desk.inputs, [encodeInput(desk.adapter, question.text).map(BigInt)]);
  const contract = new Contract(desk.address, desk.abi, customer);
  const transaction: unknown = await contract
    .getFunction("ask")
    .send(features, LEVELS.indexOf(level), { value: desk.fee })
    .then((sent) => sent.wait());
  const receipt = transaction as { readonly logs: Parameters<typeof decodeMarketLogs>[0] };
  const requested = decodeMarketLogs(receipt.logs).find((fact) => fact.kind === "JobRequested");
  if (requested === undefined) throw new Error("the desk's transaction requested no job");
  return { question, level, jobId: requested.jobId, askedAt };
}

/** Waits until the consumer has its answer, final or not. */
export async function awaitAnswer(client: Client, asked: AskedQuestion): Promise<AnsweredQuestion> {
  const settlement = awaitSettlement(client, asked);
  // It is awaited later; until then a failure must not end the process.
  settlement.catch(() => undefined);
  const { outputs } = await waitForResult(client, { jobId: asked.jobId, pollingInterval: POLL_MS });
  return { ...asked, label: outputs[0]?.[0] ?? -1n, latencyMs: performance.now() - asked.askedAt, settlement };
}

async function awaitSettlement(client: Client, { jobId, askedAt }: AskedQuestion): Promise<Settlement> {
  await waitForResult(client, { jobId, finality: "final", timeout: 120_000, pollingInterval: POLL_MS });
  const finalMs = performance.now() - askedAt;
  return { job: await getJob(client, { jobId }), finalMs };
}

const STEP_OF: Readonly<Record<string, string>> = {
  JobRequested: "request",
  JobClaimed: "claim",
  JobExecuted: "execute",
  JobChallenged: "challenge",
  JobFulfilled: "fulfill",
  Committed: "commit",
  RevealsOpened: "open reveals",
  Revealed: "reveal",
  CopiesAgreed: "tally",
  SeatLost: "tally",
  WorkerPaid: "settle",
  JobSettled: "settle",
  JobRefunded: "refund",
};

/** Gas of each transaction of a job, in order, named after what it did; of a batch an equal part. */
export async function gasOfSteps(client: Client, job: GetJobReturnType): Promise<(readonly [string, bigint])[]> {
  const steps = new Map<string, JobFact["kind"]>();
  for (const { kind, transactionHash } of job.timeline)
    if (!steps.has(transactionHash)) steps.set(transactionHash, kind);
  return Promise.all(
    [...steps].map(async ([hash, kind]) => {
      const receipt = await client.provider.getTransactionReceipt(hash);
      const same = decodeMarketLogs(receipt?.logs ?? []).filter((fact) => fact.kind === kind);
      const jobs = new Set(same.map((fact) => ("roundId" in fact ? fact.roundId : "jobId" in fact ? fact.jobId : "")))
        .size;
      const step = STEP_OF[kind] ?? kind;
      const gas = receipt?.gasUsed ?? 0n;
      return jobs > 1 ? ([`${step} (batch of ${String(jobs)})`, gas / BigInt(jobs)] as const) : ([step, gas] as const);
    }),
  );
}
