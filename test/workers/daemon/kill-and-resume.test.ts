import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import { pino } from "pino";

import type { Hex } from "../../../workers/daemon/facts.ts";
import { type FaultPoint, openJournal, startWorker } from "../../../workers/daemon/index.ts";
import { getJob } from "../../../workers/sdk/actions/get-job.ts";
import { request } from "../../../workers/sdk/actions/request.ts";
import type { Level } from "../../../workers/sdk/level.ts";
import { type MarketChain, MEASUREMENT, ROOT, startMarketChain } from "./market-chain.ts";
import type { WorkerProcessOrder } from "./worker-process.ts";

const PROCESS = fileURLToPath(new URL("./worker-process.ts", import.meta.url));
const CHALLENGE_WINDOW = 300;
const WORKER = 1;

interface Death {
  readonly point: FaultPoint;
  readonly occurrence: number;
}

describe("a worker that is killed", function () {
  this.timeout(180_000);
  let chain: MarketChain;

  const directory = () => join(chain.directory, "worker");
  const lockDirectory = () => join(chain.directory, "locks");
  const ask = async (level: Level): Promise<string> => {
    const client = await chain.clientOf(9);
    const input = [[3n, -1n, 4n, -1n, 5n, -9n, 2n, 6n]];
    return (await request(client, { versionId: chain.classifierId, level, input, maxFee: 10n ** 12n })).jobId;
  };
  const timelineOf = async (jobId: string) => (await getJob(await chain.clientOf(9), { jobId })).timeline;

  /** Lets time pass for a Vanilla answer to become final, until the job is settled or `ended` says so. */
  const drive = async (jobId: string, level: Level, ended: () => boolean): Promise<void> => {
    let passed = false;
    for (let tries = 0; tries < 400 && !ended(); tries++) {
      const kinds = (await timelineOf(jobId)).map(({ kind }) => kind);
      if (kinds.includes("JobSettled")) return;
      if (level === "Vanilla" && kinds.includes("JobExecuted") && !passed) {
        passed = true;
        await chain.passTime(CHALLENGE_WINDOW + 1);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    if (!ended()) throw new Error(`job ${jobId} does not settle`);
  };

  /** A worker in a process of its own that dies at that point. */
  const runAndDie = async (jobId: string, level: Level, dieAt: Death): Promise<void> => {
    const child = fork(PROCESS, { stdio: "ignore" });
    const exited = once(child, "exit");
    const order: WorkerProcessOrder = {
      deployment: chain.deployment,
      rpcUrl: chain.url,
      privateKey: chain.wallet(WORKER).privateKey,
      directory: directory(),
      lockDirectory: lockDirectory(),
      store: join(chain.directory, "store"),
      enclave: level === "Tee" ? { rootKey: ROOT, measurement: MEASUREMENT } : null,
      dieAt,
    };
    child.send(order);
    let dead = false;
    void exited.then(() => (dead = true));
    const settled = drive(jobId, level, () => dead);
    await Promise.race([exited, settled]);
    // Points after the settlement are reached a moment later.
    const late = setTimeout(() => child.kill("SIGTERM"), 5000);
    const [, signal] = await exited;
    clearTimeout(late);
    expect(signal, `${dieAt.point} was not reached`).to.equal("SIGKILL");
  };

  const runToEnd = async (jobId: string, level: Level, points: FaultPoint[] = []): Promise<void> => {
    const worker = await startWorker({
      deployment: chain.deployment,
      rpcUrl: chain.url,
      signer: chain.wallet(WORKER),
      directory: directory(),
      lockDirectory: lockDirectory(),
      stores: [chain.store],
      ...(level === "Tee" ? { enclave: { quoteProvider: chain.quoteProvider } } : {}),
      pollInterval: 50,
      proverThreads: 1,
      logger: pino({ level: "silent" }),
      faultPoints: (point) => points.push(point),
    });
    try {
      await drive(jobId, level, () => false);
      // The last facts of the job follow its settlement.
      for (let tries = 0; tries < 100 && !factsOf(jobId).some(({ kind }) => kind === "closed"); tries++)
        await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await worker.stop();
    }
  };

  const factsOf = (jobId: string) => {
    const market: Hex = `0x${chain.deployment.market.slice(2)}`;
    const workerKey: Hex = `0x${chain.wallet(WORKER).address.slice(2)}`;
    const journal = openJournal(join(directory(), "journal.sqlite"), { chainId: 31337, market, workerKey });
    try {
      return journal.factsOf(`0x${jobId.slice(2)}`);
    } finally {
      journal.close();
    }
  };

  const requireOneAnswer = async (jobId: string, why: string): Promise<void> => {
    const timeline = await timelineOf(jobId);
    const count = (kind: string): number => timeline.filter((fact) => fact.kind === kind).length;
    expect(count("JobSettled"), why).to.equal(1);
    expect(count("JobExecuted") + count("JobFulfilled"), why).to.equal(1);
    const facts = factsOf(jobId);
    expect(
      facts.filter(({ kind }) => kind === "answered"),
      why,
    ).to.have.length(1);
    expect(
      facts.filter((fact) => fact.kind === "mined" && !fact.ok),
      `${why}: a transaction reverted`,
    ).to.deep.equal([]);
    expect(facts.at(-1)?.kind, why).to.equal("closed");
  };

  /** Every point that an undisturbed run passes after the job arrived, each as often as it is passed. */
  const pointsOf = async (level: Level): Promise<Death[]> => {
    const points: FaultPoint[] = [];
    const jobId = await ask(level);
    await runToEnd(jobId, level, points);
    await requireOneAnswer(jobId, "undisturbed");
    const passed = new Map<FaultPoint, number>();
    return points.flatMap((point) => {
      const occurrence = (passed.get(point) ?? 0) + 1;
      passed.set(point, occurrence);
      // The cursor moves with every block; its first move is as good as any other.
      return point.endsWith("cursor") && occurrence > 1 ? [] : [{ point, occurrence }];
    });
  };

  before(async function () {
    this.timeout(120_000);
    chain = await startMarketChain();
    await chain.enlist(WORKER, chain.classifierId, ["Vanilla", "Tee", "Zkml"]);
  });
  after(() => chain?.close());

  const covered: Record<Level, readonly FaultPoint[]> = {
    Zkml: ["before-signed", "before-broadcast", "after-broadcast", "before-evidence", "after-answered", "after-mined"],
    Vanilla: ["before-executed", "after-executed", "before-settled"],
    Tee: ["before-signed", "after-signed", "after-evidence"],
  };
  for (const level of ["Zkml", "Vanilla", "Tee"] as const)
    it(`settles exactly one answer at ${level}, wherever it was killed`, async () => {
      const deaths = await pointsOf(level);
      expect(deaths.map(({ point }) => point)).to.include.members([...covered[level]]);
      for (const death of deaths) {
        const jobId = await ask(level);
        await runAndDie(jobId, level, death);
        await runToEnd(jobId, level);
        await requireOneAnswer(jobId, `killed at ${death.point} (${death.occurrence})`);
      }
    });
});
