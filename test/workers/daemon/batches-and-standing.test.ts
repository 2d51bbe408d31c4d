import { expect } from "chai";

import { read, write } from "../../../workers/sdk/access.ts";
import { getJob } from "../../../workers/sdk/actions/get-job.ts";
import { request } from "../../../workers/sdk/actions/request.ts";
import { type MarketChain, startMarketChain } from "./market-chain.ts";
import { ofKind, runWorkers, type WorkerRunner } from "./running-workers.ts";
import { tinyRegressor } from "./tiny-model.ts";

const INPUT = [3n, -1n, 4n, -1n, 5n, -9n, 2n, 6n];
const REQUESTER = 9;
/** Seconds, as the deployment has them. */
const FIRST_WINDOW = 60;
const PRIORITY = 120;
const CHALLENGE_WINDOW = 300;

describe("a worker with many jobs, or with none", function () {
  this.timeout(240_000);
  let chain: MarketChain;
  let runner: WorkerRunner;
  let versionId: string;

  const ask = async (version: string, maxFee = 10n ** 12n): Promise<string> => {
    const wanted = { versionId: version, level: "Vanilla", input: [INPUT], maxFee } as const;
    return (await request(await chain.clientOf(REQUESTER), wanted)).jobId;
  };
  const standingOf = async (workerId: bigint) =>
    read(await chain.clientOf(REQUESTER), { contract: "market", functionName: "standingOf", args: [workerId] });

  before(async function () {
    this.timeout(240_000);
    chain = await startMarketChain();
    runner = runWorkers(chain);
    versionId = await chain.publish(tinyRegressor("many"), ["Vanilla"]);
    await chain.enlist(1, versionId, ["Vanilla"]);
  });
  afterEach(() => runner.stopAll());
  after(() => chain.close());

  it("settles what is due at once in fewer transactions than jobs", async () => {
    const first = await runner.start(1);
    const jobs: string[] = [];
    for (let count = 0; count < 6; count++) jobs.push(await ask(versionId));
    for (const jobId of jobs) await runner.until(jobId, "JobExecuted");
    await first.stop();
    await chain.passTime(CHALLENGE_WINDOW + 5);
    await runner.start(1);
    const settled = await Promise.all(jobs.map((jobId) => runner.until(jobId, "JobSettled")));
    const transactions = settled.map((facts) => ofKind(facts, "JobSettled")[0]?.transactionHash);
    expect(new Set(transactions).size).to.be.lessThan(jobs.length);
    const journaled = await Promise.all(jobs.map((jobId) => runner.journaled(1, jobId)));
    const batches = journaled
      .flat()
      .flatMap((fact) => (fact.kind === "signed" && fact.send === "settle" ? [fact.batch] : []));
    expect(batches.some((batch) => batch.length > 1)).to.equal(true);
  });

  it("returns to the draws after a suspension, but not again at once", async () => {
    const idle = await chain.publish(tinyRegressor("idle"), ["Vanilla"]);
    const workerId = await chain.enlist(2, idle, ["Vanilla"]);
    // Too dear to be drawn, so that all turns are the other one's.
    await chain.enlist(3, idle, ["Vanilla"], 10n ** 15n);
    const busy = await chain.clientOf(3);
    const { missLimit } = await read(busy, { contract: "market", functionName: "parameters", args: [] });
    const outputBytes = 16;
    const suspend = async (): Promise<void> => {
      for (let missed = 0n; missed < missLimit; missed++) {
        const jobId = await ask(idle);
        await chain.passTime(PRIORITY + 1);
        const { job } = await getJob(busy, { jobId });
        const args = [job, `0x${"00".repeat(outputBytes)}`] as const;
        await write(busy, { contract: "market", functionName: "execute", args });
      }
      expect((await standingOf(workerId)).suspended).to.equal(true);
    };

    await suspend();
    const back = await runner.start(2, { policy: { returnPause: 3600 } });
    await runner.patiently("return", async () => ((await standingOf(workerId)).suspended ? undefined : true));
    await runner.patiently("standing", () => (back.status().standing?.suspended === false ? true : undefined));
    expect(back.status().standing).to.include({ late: Number(missLimit), misses: 0, done: 0 });
    await runner.stopAll();

    await suspend();
    const stays = await runner.start(2, { policy: { returnPause: 3600 } });
    await runner.patiently("standing", () => stays.status().standing ?? undefined);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await standingOf(workerId)).suspended).to.equal(true);
    await chain.passTime(3600);
    await runner.patiently("return", async () => ((await standingOf(workerId)).suspended ? undefined : true));
    await runner.stopAll();

    await suspend();
    const told = await runner.start(2, { policy: { returnToDraws: false, returnPause: 0 } });
    await runner.patiently("standing", () => told.status().standing ?? undefined);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await standingOf(workerId)).suspended).to.equal(true);
  });

  it("acts in the second window if it is drawn second", async () => {
    const shared = await chain.publish(tinyRegressor("shared"), ["Vanilla"]);
    const ids = new Map([[5, await chain.enlist(5, shared, ["Vanilla"])]]);
    ids.set(6, await chain.enlist(6, shared, ["Vanilla"]));
    await runner.start(5);
    for (let tries = 0; tries < 60; tries++) {
      const jobId = await ask(shared);
      const client = await chain.clientOf(REQUESTER);
      const { job, terms } = await getJob(client, { jobId });
      await chain.passTime(1);
      const [first] = await read(client, { contract: "market", functionName: "drawnWorker", args: [job] });
      if (first === ids.get(5)) continue;
      await chain.passTime(FIRST_WINDOW);
      const [answer] = ofKind(await runner.until(jobId, "JobExecuted"), "JobExecuted");
      expect(answer?.workerId).to.equal(ids.get(5));
      expect((await standingOf(ids.get(6) ?? 0n)).late).to.equal(1n);
      const block = await chain.provider.getBlock(answer?.blockNumber ?? 0);
      expect(block?.timestamp ?? 0).to.be.lessThan(Number(terms.requestedAt) + PRIORITY);
      return;
    }
    throw new Error("the other one was never drawn first");
  });
});
