import { join } from "node:path";

import { expect } from "chai";
import { getBytes, hexlify } from "ethers";
import { pino } from "pino";

import { evaluate } from "../../../circuits/compiler/index.ts";
import { packTensors, unpackTensors } from "../../../circuits/format/tensor.ts";
import { hexOf } from "../../../workers/daemon/chain/job-struct.ts";
import { type RunningWorker, startWorker, type WorkerConfig, WorkerError } from "../../../workers/daemon/index.ts";
import { execute } from "../../../workers/sdk/actions/execute.ts";
import { getJob, type JobFact } from "../../../workers/sdk/actions/get-job.ts";
import { request } from "../../../workers/sdk/actions/request.ts";
import type { Client } from "../../../workers/sdk/client.ts";
import type { Level } from "../../../workers/sdk/level.ts";
import { type MarketChain, startMarketChain } from "./market-chain.ts";
import { regress } from "./tiny-model.ts";

const INPUT = [3n, -1n, 4n, -1n, 5n, -9n, 2n, 6n];
const MAX_FEE = 10n ** 12n;
const logger = pino({ level: process.env["ASSAY_TEST_LOG"] ?? "silent" });

describe("a worker on a chain", function () {
  this.timeout(240_000);
  let chain: MarketChain;
  let requester: Client;
  const running: RunningWorker[] = [];

  const start = async (index: number, overrides: Partial<WorkerConfig> = {}): Promise<RunningWorker> => {
    const worker = await startWorker({
      deployment: chain.deployment,
      rpcUrls: [chain.url],
      signer: chain.wallet(index),
      directory: join(chain.directory, `worker-${index}`),
      lockDirectory: join(chain.directory, "locks"),
      stores: [chain.store],
      enclave: { quoteProvider: chain.quoteProvider },
      pollInterval: 50,
      proverThreads: 1,
      logger,
      ...overrides,
      // Whether a claim comes first depends on how fast this machine proves, which is not what these tests are about.
      policy: { claim: "never", ...overrides.policy },
    });
    running.push(worker);
    return worker;
  };
  const ask = async (level: Level, versionId = chain.classifierId): Promise<string> => {
    const { jobId } = await request(requester, { versionId, level, input: [INPUT], maxFee: MAX_FEE });
    return jobId;
  };
  /** The job's facts once one of this kind is among them. */
  const until = async (jobId: string, kind: JobFact["kind"]): Promise<readonly JobFact[]> => {
    for (let tries = 0; tries < 1200; tries++) {
      const { timeline } = await getJob(requester, { jobId });
      if (timeline.some((fact) => fact.kind === kind)) return timeline;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`no ${kind} for ${jobId}`);
  };
  const kinds = (facts: readonly JobFact[]): string[] => facts.map(({ kind }) => kind);
  const rightAnswer = (): string => {
    const { graph } = chain.classifier;
    if (graph === null) throw new Error("the classifier has a circuit");
    return hexlify(packTensors(chain.classifier.manifest.outputs, evaluate(graph, [INPUT])));
  };
  const outputIn = (facts: readonly JobFact[]): string | undefined =>
    facts.flatMap((fact) => (fact.kind === "JobFulfilled" || fact.kind === "JobExecuted" ? [fact.output] : []))[0];

  before(async function () {
    this.timeout(240_000);
    chain = await startMarketChain();
    requester = await chain.clientOf(9);
    await chain.enlist(1, chain.classifierId, ["Vanilla", "Tee", "Zkml"]);
    await chain.enlist(1 + 1, chain.regressorId, ["Vanilla", "Tee"]);
  });
  afterEach(async () => {
    for (const worker of running.splice(0)) await worker.stop();
  });
  after(() => chain.close());

  it("answers with a proof at Zkml", async () => {
    await start(1);
    const facts = await until(await ask("Zkml"), "JobSettled");
    expect(kinds(facts)).to.deep.equal(["JobRequested", "JobFulfilled", "JobSettled"]);
    expect(outputIn(facts)).to.equal(rightAnswer());
  });

  it("answers with its enclave's signature at Tee", async () => {
    await start(1);
    const facts = await until(await ask("Tee"), "JobSettled");
    expect(kinds(facts)).to.deep.equal(["JobRequested", "JobFulfilled", "JobSettled"]);
    expect(outputIn(facts)).to.equal(rightAnswer());
  });

  it("answers at Vanilla and settles when the window has passed", async () => {
    await start(1);
    const jobId = await ask("Vanilla");
    const answered = await until(jobId, "JobExecuted");
    expect(outputIn(answered)).to.equal(rightAnswer());
    await chain.passTime(301);
    expect(kinds(await until(jobId, "JobSettled"))).to.deep.equal(["JobRequested", "JobExecuted", "JobSettled"]);
  });

  it("answers a version without a circuit with ONNX Runtime", async () => {
    await start(2);
    const facts = await until(await ask("Tee", chain.regressorId), "JobSettled");
    const output = outputIn(facts) ?? "0x";
    const values = unpackTensors(chain.regressor.manifest.outputs, getBytes(output));
    expect(values).to.deep.equal([regress(INPUT.map(Number))]);
  });

  it("tells of every fact after it is durable, and what it knows of a job", async () => {
    const worker = await start(1);
    const told = new Map<string, string[]>();
    const kept: Promise<unknown>[] = [];
    const unsubscribe = worker.facts.subscribe(({ job, fact }) => {
      told.set(job, [...(told.get(job) ?? []), fact.kind]);
      if (fact.kind === "answered") kept.push(worker.jobs.get(job).then((view) => view?.answer));
    });
    const jobId = hexOf(await ask("Zkml"));
    await until(jobId, "JobSettled");
    while (!told.get(jobId)?.includes("closed")) await new Promise((resolve) => setTimeout(resolve, 50));
    const kinds = ["requested", "answered", "evidence", "signed", "fulfilled", "settled", "mined", "closed"];
    expect(told.get(jobId)).to.have.members(kinds);
    expect(await Promise.all(kept)).to.deep.equal([{ output: rightAnswer() }]);
    expect((await worker.jobs.get(jobId))?.chain.state).to.equal("Settled");
    expect(await worker.jobs.get(`0x${"00".repeat(32)}`)).to.equal(null);

    unsubscribe();
    const before = told.size;
    await until(await ask("Zkml"), "JobSettled");
    expect(told.size).to.equal(before);
  });

  it("takes up jobs that were requested while it was away", async () => {
    const jobId = await ask("Zkml");
    await start(1);
    await until(jobId, "JobSettled");
  });

  it("proves its answer when it is challenged", async () => {
    await start(1);
    const jobId = await ask("Vanilla");
    await until(jobId, "JobExecuted");
    const { job } = await getJob(requester, { jobId });
    const { challenge } = await import("../../../workers/sdk/actions/challenge.ts");
    await challenge(requester, { job });
    const facts = await until(jobId, "JobSettled");
    expect(kinds(facts).slice(2)).to.deep.equal(["JobChallenged", "JobFulfilled", "JobSettled"]);
  });

  it("challenges a wrong answer of another worker, and has the liar slashed", async () => {
    await chain.enlist(3, chain.classifierId, ["Vanilla"]);
    const liar = await chain.clientOf(3);
    const jobId = await ask("Vanilla");
    // Whoever is drawn, the liar may act when the priority windows are over.
    await chain.passTime(121);
    const { job } = await getJob(requester, { jobId });
    const wrong = getBytes(rightAnswer()).map((byte) => byte ^ 1);
    await execute(liar, { job, output: wrong });
    await start(1, { policy: { challenge: "on" } });
    await until(jobId, "JobChallenged");
    await chain.passTime(601);
    const facts = await until(jobId, "JobRefunded");
    const refund = facts.find((fact) => fact.kind === "JobRefunded");
    expect(refund?.kind === "JobRefunded" && refund.slashed > 0n).to.equal(true);
  });

  it("refuses a second process with the same key, and a key that is no worker's", async () => {
    await start(1);
    const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
      promise.then(
        () => "none",
        (error: unknown) => (error instanceof WorkerError ? error.code : error),
      );
    expect(await codeOf(start(1, { directory: join(chain.directory, "elsewhere") }))).to.equal("KEY_IN_USE");
    expect(await codeOf(start(8))).to.equal("WORKER_NOT_REGISTERED");
    const deployment = { ...chain.deployment, chainId: 1 };
    expect(await codeOf(start(7, { deployment }))).to.equal("CHAIN_ID_MISMATCH");
  });

  it("stops in the middle of a proof, and makes it again after the next start", async () => {
    const jobId = await ask("Zkml");
    const proving = Promise.withResolvers<undefined>();
    const first = await start(1, {
      faultPoints: (point) => {
        // Its proof comes right after the answer.
        if (point === "after-answered") setTimeout(() => proving.resolve(undefined), 20);
      },
    });
    await proving.promise;
    await first.stop();
    expect(kinds(await getJob(requester, { jobId }).then(({ timeline }) => timeline))).to.deep.equal(["JobRequested"]);
    await start(1);
    await until(jobId, "JobSettled");
  });

  it("can be stopped twice, and started again where it was", async () => {
    const first = await start(1);
    await Promise.all([first.stop(), first.stop()]);
    await first.done;
    const jobId = await ask("Tee");
    await start(1);
    await until(jobId, "JobSettled");
  });
});
