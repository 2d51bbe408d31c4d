import { decodeOutput } from "../../circuits/format/adapter.ts";
import { readQuestions, type Question } from "../../examples/support-desk/questions.ts";
import { LEVELS, type Client, type GetJobReturnType, type Level } from "../../workers/sdk/index.ts";
import { account, ACCOUNTS } from "./accounts.ts";
import { ask, awaitAnswer, gasOfSteps, type AnsweredQuestion, type Desk } from "./ask.ts";
import type { PublishedDesk } from "./publish-support-desk.ts";
import { answerTable, type AnswerRow } from "./table.ts";
import type { WorkerProcess } from "./worker-process.ts";

export interface AskAllOptions {
  readonly publisher: Client;
  readonly desk: Desk;
  readonly published: PublishedDesk;
  readonly workers: readonly WorkerProcess[];
  readonly say: (line: string) => void;
}

const PER_LEVEL = 10;

/**
 * Asks ten questions of the test split at each level, prints the table, and returns the first job that was settled
 * with a proof.
 */
export async function askAllLevels(options: AskAllOptions): Promise<GetJobReturnType> {
  const { published, say } = options;
  const questions = spread(readQuestions("test"), PER_LEVEL * LEVELS.length);
  const answered: AnsweredQuestion[] = [];
  for (const [index, level] of LEVELS.entries())
    answered.push(...(await askOneByOne(options, questions.slice(index * PER_LEVEL, (index + 1) * PER_LEVEL), level)));

  const settlements = await Promise.all(answered.map(({ settlement }) => settlement));
  const rows = await Promise.all(answered.map((each) => rowOf(options, each)));
  const right = rows.filter(({ answer, truth }) => answer === truth).length;
  const exact = answered.filter(({ question, label }) => published.answer(question.text) === label).length;
  say(`\n${answerTable(rows)}`);
  say(
    `${String(exact)} of ${String(rows.length)} answers are the model's, bit for bit; ${String(right)} are what a person would have said.\n`,
  );
  const proven = settlements.find(({ job }) => job.level === "Zkml");
  if (proven === undefined) throw new Error("no question was settled with a proof");
  return proven.job;
}

/** One question at a time, so that a latency is that of one job and not of a queue. */
async function askOneByOne(
  { publisher, desk }: AskAllOptions,
  questions: readonly Question[],
  level: Level,
): Promise<AnsweredQuestion[]> {
  const customer = account(ACCOUNTS.customers[level], publisher.provider);
  const answered: AnsweredQuestion[] = [];
  for (const question of questions)
    answered.push(await awaitAnswer(publisher, await ask(desk, question, level, customer)));
  return answered;
}

async function rowOf(
  { publisher, published, workers }: AskAllOptions,
  { question, level, label, latencyMs, settlement }: AnsweredQuestion,
): Promise<AnswerRow> {
  const { job, finalMs } = await settlement;
  const settled = job.timeline.find((fact) => fact.kind === "JobSettled");
  if (settled === undefined) throw new Error(`"${question.text}" was never settled`);
  return {
    question: question.text,
    answer: decodeOutput(published.outputAdapter, [label]),
    truth: question.label,
    level,
    latencyMs,
    finalMs,
    gas: await gasOfSteps(publisher, job),
    fee: settled.fee,
    worker: workers.find(({ workerId }) => workerId === settled.workerId)?.name ?? `worker ${String(settled.workerId)}`,
  };
}

function spread<T>(items: readonly T[], count: number): T[] {
  const stride = Math.floor(items.length / count);
  return Array.from({ length: count }, (_, index) => items[index * stride]).filter((item) => item !== undefined);
}
