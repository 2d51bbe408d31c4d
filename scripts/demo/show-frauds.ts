import { formatEther, parseEther, type Provider } from "ethers";

import { decodeOutput } from "../../circuits/format/adapter.ts";
import { readQuestions } from "../../examples/support-desk/questions.ts";
import {
  createClient,
  registerWorker,
  serve,
  type Deployment,
  type GetJobReturnType,
} from "../../workers/sdk/index.ts";
import { account, ACCOUNTS } from "./accounts.ts";
import type { Desk } from "./ask.ts";
import { postWrongAnswer, sendBadProofs, type Dishonest } from "./frauds.ts";
import type { PublishedDesk } from "./publish-support-desk.ts";
import { WORKER_PRICE } from "./start-workers.ts";
import type { WorkerProcess } from "./worker-process.ts";

export interface ShowFraudsOptions {
  readonly provider: Provider;
  readonly deployment: Deployment;
  readonly desk: Desk;
  readonly published: PublishedDesk;
  /** A job that was settled with a proof. */
  readonly genuine: GetJobReturnType;
  readonly workers: readonly WorkerProcess[];
  readonly say: (line: string) => void;
}

const ATTEMPTS = 40;

/** A dishonest worker joins, lies at Vanilla, and then tries bad proofs at Zkml. Throws if either fraud pays. */
export async function showFrauds(options: ShowFraudsOptions): Promise<void> {
  const { provider, deployment, desk, published, genuine, workers, say } = options;
  const client = await createClient({ provider, signer: account(ACCOUNTS.liar, provider), deployment });
  const key = account(ACCOUNTS.liar, provider).address;
  const { workerId } = await registerWorker(client, { key, price: WORKER_PRICE, stake: parseEther("1") });
  await serve(client, { workerId, versionId: published.versionId, levels: ["Vanilla", "Zkml"] });
  const liar: Dishonest = {
    client,
    workerId,
    desk,
    customer: account(ACCOUNTS.customers.Vanilla, provider),
    questions: readQuestions("test").slice(0, ATTEMPTS),
    honestAnswer: ({ text }) => published.answer(text),
  };
  const nameOf = (id: bigint) => workers.find((worker) => worker.workerId === id)?.name ?? `worker ${String(id)}`;

  const lie = await postWrongAnswer(liar, published.outputAdapter.labels.length);
  say(`
A wrong answer at Vanilla
  question    ${lie.question.text}
  posted      ${decodeOutput(published.outputAdapter, [lie.posted])}, by the dishonest ${nameOf(workerId)}
  challenged  by ${lie.challenger}; no evidence came
  outcome     ${formatEther(lie.slashed)} ETH slashed, ${formatEther(lie.refund)} ETH back to the requester, answer revoked`);

  const refused = await sendBadProofs(liar, genuine);
  say(`
Bad proofs at Zkml
  replayed    another job's genuine proof: ${refused.replayed}
  tampered    one bit of it changed: ${refused.tampered}
  outcome     ${nameOf(refused.answeredBy)} proved the right answer and was paid
`);
  // Otherwise the draw would go on giving it priority.
  await serve(client, { workerId, versionId: published.versionId, levels: [] });
}
