import { fork } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import { pino } from "pino";

import type { Hex } from "../../../workers/daemon/facts.ts";
import { type FaultPoint, openJournal, startWorker } from "../../../workers/daemon/index.ts";
import { getJob } from "../../../workers/sdk/actions/get-job.ts";
import { request } from "../../../workers/sdk/actions/request.ts";
import type { Level } from "../../../workers/sdk/level.ts";
import { ENCLAVE, type MarketChain, startMarketChain } from "./market-chain.ts";
import type { WorkerProcessOrder } from "./worker-process.ts";

const PROCESS = fileURLToPath(new URL("./worker-process.ts", import.meta.url));
const CHALLENGE_WINDOW = 300;
const WORKER = 1;

describe("a worker that is killed", function () {
  this.timeout(240_000);
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
    for (let tries = 0; tries < 1200 && !ended(); tries++) {
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
  const runAndDie = async (jobId: string, level: Level, dieAt: FaultPoint): Promise<void> => {
    const child = fork(PROCESS, { stdio: "ignore" });
    const exited = new Promise<NodeJS.Signals | null>((resolve) => child.once("exit", (_, signal) => resolve(signal)));
    const order: WorkerProcessOrder = {
      deployment: chain.deployment,
      rpcUrls: [chain.url],
      privateKey: chain.wallet(WORKER).privateKey,
      directory: directory(),
      lockDirectory: lockDirectory(),
      store: join(chain.directory, "store"),
      enclave: level === "Tee" ? ENCLAVE : null,
      dieAt,
    };
    child.send(order);
    let dead = false;
    void exited.then(() => (dead = true));
    const settled = drive(jobId, level, () => dead);
    await Promise.race([exited, settled]);
    // Points after the settlement are reached a moment later.
    const late = setTimeout(() => child.kill("SIGTERM"), 30_000);
    const signal = await exited;
    clearTimeout(late);
    expect(signal, `${dieAt} was not reached`).to.equal("SIGKILL");
  };

  const runToEnd = async (jobId: string, level: Level, points: FaultPoint[] = []): Promise<void> => {
    const worker = await startWorker({
      deployment: chain.deployment,
      rpcUrls: [chain.url],
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
      for (let tries = 0; tries < 600 && !(await factsOf(jobId)).some(({ kind }) => kind === "closed"); tries++)
        await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await worker.stop();
    }
  };

  const factsOf = async (jobId: string) => {
    const market: Hex = `0x${chain.deployment.market.slice(2)}`;
    const workerKey: Hex = `0x${chain.wallet(WORKER).address.slice(2)}`;
    const journal = openJournal(join(directory(), "journal.sqlite"), { chainId: 31337, market, workerKey });
    try {
      return await journal.factsOf(`0x${jobId.slice(2)}`);
    } finally {
      await journal.close();
    }
  };

  const requireOneAnswer = async (jobId: string, why: string): Promise<void> => {
    const timeline = await timelineOf(jobId);
    const count = (kind: string): number => timeline.filter((fact) => fact.kind === kind).length;
    expect(count("JobSettled"), why).to.equal(1);
    expect(count("JobExecuted") + count("JobFulfilled"), why).to.equal(1);
    const facts = await factsOf(jobId);
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

  /** The points that an undisturbed run passes, in their order, each once. */
  const pointsOf = async (level: Level): Promise<FaultPoint[]> => {
    const points: FaultPoint[] = [];
    const jobId = await ask(level);
    await runToEnd(jobId, level, points);
    await requireOneAnswer(jobId, "undisturbed");
    return [...new Set(points)];
  };

  before(async function () {
    this.timeout(240_000);
    chain = await startMarketChain();
    await chain.enlist(WORKER, chain.classifierId, ["Vanilla", "Tee", "Zkml"]);
  });
  after(() => chain.close());

  /**
   * One job, one process after the other: each takes the job up where the last one was killed, and is killed at the
   * next point. Facts that become durable together have one moment after them, so only the first of those is kept.
   */
  const killEverywhere = async (level: Level, points: readonly FaultPoint[]): Promise<void> => {
    const jobId = await ask(level);
    for (const point of points) await runAndDie(jobId, level, point);
    await runToEnd(jobId, level);
    await requireOneAnswer(jobId, `killed at ${points.join(", ")}`);
  };
  const TOGETHER: readonly FaultPoint[] = ["after-cursor", "after-settled", "after-paid"];
  /** Only a journal's first start passes these; `npm run test:crashes` kills there, too. */
  const ONCE: readonly FaultPoint[] = ["before-anchored", "after-anchored"];

  it("settles exactly one answer at Zkml, though it was killed at every step", async () => {
    const points = (await pointsOf("Zkml")).filter((point) => ![...TOGETHER, ...ONCE].includes(point));
    const steps = ["requested", "answered", "evidence", "signed", "broadcast", "fulfilled", "mined"] as const;
    expect(points).to.include.members(steps.flatMap((step) => [`before-${step}`, `after-${step}`]));
    await killEverywhere("Zkml", points);
  });

  it("settles exactly one answer at Vanilla, though it was killed at every step from the answer's mining on", async () => {
    const answering = ["executed", "mined"] as const;
    // The second transaction of the job, which settles it.
    const settling = ["signed", "broadcast", "settled", "closed"] as const;
    const around = (step: (typeof answering | typeof settling)[number]): FaultPoint[] => [
      `before-${step}`,
      `after-${step}`,
    ];
    await killEverywhere("Vanilla", [...answering, ...settling].flatMap(around));
  });

  it("settles exactly one answer at Tee, though it was killed at every step of its enrolment", async () => {
    const steps = ["signed", "broadcast", "mined", "evidence"] as const;
    await killEverywhere(
      "Tee",
      steps.flatMap((step): FaultPoint[] => [`before-${step}`, `after-${step}`]),
    );
  });
});
