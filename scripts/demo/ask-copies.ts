import { formatEther } from "ethers";

import { decodeOutput, encodeInput } from "../../circuits/format/adapter.ts";
import { readQuestions } from "../../examples/support-desk/questions.ts";
import {
  createClient,
  getJob,
  request,
  verifyResult,
  waitForResult,
  type Client,
  type GetJobReturnType,
} from "../../workers/sdk/index.ts";
import { account, ACCOUNTS } from "./accounts.ts";
import { gasOfSteps } from "./ask.ts";
import type { PublishedDesk } from "./publish-support-desk.ts";
import type { WorkerProcess } from "./worker-process.ts";

export interface AskCopiesOptions {
  readonly publisher: Client;
  readonly published: PublishedDesk;
  readonly workers: readonly WorkerProcess[];
  readonly fee: bigint;
  readonly say: (line: string) => void;
}

const COPIES = 3n;

/** One question that three workers answer without seeing each other's answers; what most of them say is the answer. */
export async function askCopies({ publisher, published, workers, fee, say }: AskCopiesOptions): Promise<void> {
  const { provider, deployment } = publisher;
  const client = await createClient({ provider, signer: account(ACCOUNTS.customers.Vanilla, provider), deployment });
  const [question] = readQuestions("test");
  if (question === undefined) throw new Error("there is no question");
  const input = [encodeInput(published.inputAdapter, question.text).map(BigInt)];
  const wanted = {
    versionId: published.versionId,
    level: "Vanilla",
    input,
    copies: COPIES,
    maxFee: COPIES * fee,
  } as const;
  const { jobId } = await request(client, wanted);
  const { outputs, workerIds, fee: paid } = await waitForResult(client, { jobId, finality: "final", timeout: 120_000 });
  const { caveats } = await verifyResult(client, { jobId });
  const nameOf = (id: bigint) => workers.find((worker) => worker.workerId === id)?.name ?? `worker ${String(id)}`;
  const label = outputs[0]?.[0] ?? -1n;
  say(`
Three copies at Vanilla
  question    ${question.text}
  answer      ${decodeOutput(published.outputAdapter, [label])}${label === published.answer(question.text) ? ", the model's" : ", NOT the model's"}
  given by    ${workerIds.map(nameOf).join(", ")}, who shared ${formatEther(paid ?? 0n)} ETH
  gas         ${await gasLine(client, await getJob(client, { jobId }))}
  caveat      ${caveats.join(" ")}
`);
}

async function gasLine(client: Client, job: GetJobReturnType): Promise<string> {
  const steps = await gasOfSteps(client, job);
  return steps.map(([step, gas]) => `${step} ${String(gas)}`).join(", ");
}
