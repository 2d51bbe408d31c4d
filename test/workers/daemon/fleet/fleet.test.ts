import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import { pino } from "pino";

import { hexOf } from "../../../../workers/daemon/chain/job-struct.ts";
import type { Fact } from "../../../../workers/daemon/facts.ts";
import type { FaultPoint, FleetRole } from "../../../../workers/daemon/index.ts";
import { type Database, openDatabase } from "../../../../workers/daemon/journal/postgres/database.ts";
import { createPostgresJournal } from "../../../../workers/daemon/journal/postgres/postgres-journal.ts";
import { request } from "../../../../workers/sdk/actions/request.ts";
import type { Level } from "../../../../workers/sdk/level.ts";
import { type Postgres, startPostgres } from "../../../postgres.ts";
import { type MarketChain, startMarketChain } from "../market-chain.ts";
import { ofKind, runWorkers, type WorkerRunner } from "../running-workers.ts";
import type { FleetProcessOrder } from "./fleet-process.ts";

const PROCESS = fileURLToPath(new URL("./fleet-process.ts", import.meta.url));
const WORKER = 1;
const SCHEMA = "fleet";

describe("a fleet", function () {
  this.timeout(240_000);
  let chain: MarketChain;
  let postgres: Postgres;
  let database: Database;
  let runner: WorkerRunner;
  const children = new Set<ChildProcess>();
  const monitors = new Map<ChildProcess, string>();
  let started = 0;

  const start = async (roles: readonly FleetRole[], dieAt: FaultPoint | null = null): Promise<ChildProcess> => {
    const child = fork(PROCESS, { stdio: ["ignore", "ignore", "ignore", "ipc"] });
    children.add(child);
    child.once("exit", () => children.delete(child));
    const order: FleetProcessOrder = {
      roles,
      deployment: chain.deployment,
      rpcUrl: chain.url,
      privateKey: chain.wallet(WORKER).privateKey,
      directory: join(chain.directory, `fleet-${(started += 1)}`),
      // Each process as on a machine of its own.
      lockDirectory: join(chain.directory, `locks-${started}`),
      store: join(chain.directory, "store"),
      postgresUrl: postgres.url,
      schema: SCHEMA,
      dieAt,
    };
    child.send(order);
    const [{ monitorUrl }] = (await once(child, "message")) as [{ monitorUrl: string }];
    monitors.set(child, monitorUrl);
    return child;
  };
  const toldBy = (child: ChildProcess | undefined, path: string): Promise<Response> =>
    fetch(`${(child && monitors.get(child)) ?? ""}/${path}`);
  const killed = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    expect(child.signalCode).to.equal("SIGKILL");
  };
  const ask = async (level: Level): Promise<string> => {
    const input = [[3n, -1n, 4n, -1n, 5n, -9n, 2n, 6n]];
    const wanted = { versionId: chain.classifierId, level, input, maxFee: 10n ** 12n };
    return (await request(await chain.clientOf(9), wanted)).jobId;
  };
  const factsOf = (jobId: string): Promise<readonly Fact[]> => {
    const { chainId, market } = chain.deployment;
    const identity = { chainId, market: hexOf(market), workerKey: hexOf(chain.wallet(WORKER).address) };
    return createPostgresJournal({ database, writer: database, schema: SCHEMA, identity }).factsOf(hexOf(jobId));
  };
  /** Its one answer is on the chain, and nothing that was sent for it failed. */
  const requireOneAnswer = async (jobId: string): Promise<void> => {
    const timeline = await runner.until(jobId, "JobSettled");
    expect(ofKind(timeline, "JobFulfilled")).to.have.length(1);
    await runner.patiently(
      "end of the job",
      async () => (await factsOf(jobId)).some(({ kind }) => kind === "closed") || undefined,
    );
    const facts = await factsOf(jobId);
    expect(facts.filter(({ kind }) => kind === "answered")).to.have.length(1);
    expect(facts.filter((fact) => fact.kind === "mined" && !fact.ok)).to.deep.equal([]);
    expect(new Set(facts.flatMap((fact) => (fact.kind === "signed" ? [fact.nonce] : [])))).to.have.property("size", 1);
  };

  before(async () => {
    postgres = await startPostgres();
    database = openDatabase({ url: postgres.url, logger: pino({ level: "silent" }) });
    chain = await startMarketChain();
    runner = runWorkers(chain);
    await chain.enlist(WORKER, chain.classifierId, ["Vanilla", "Zkml"]);
  });
  afterEach(async () => {
    await Promise.all(
      [...children].map(async (child) => {
        const exited = once(child, "exit");
        child.kill("SIGTERM");
        await exited;
      }),
    );
  });
  after(async () => {
    await database.close();
    await chain.close();
    await postgres.close();
  });

  it("of one process for each role answers with a proof, once", async () => {
    const roles = ["watcher", "inference", "prover", "sender"] as const;
    const [watcher, ...others] = await Promise.all(roles.map((role) => start([role])));
    await requireOneAnswer(await ask("Zkml"));
    expect(await (await toldBy(watcher, "metrics")).text()).to.match(/^assay_jobs_settled_total\{.*\} 1$/m);
    for (const child of [watcher, ...others]) expect((await toldBy(child, "readyz")).status).to.equal(200);
  });

  it("goes on when each of its roles is killed in the middle of its work, without a second answer", async () => {
    const deaths: readonly (readonly [FleetRole, FaultPoint])[] = [
      ["inference", "before-answered"],
      ["prover", "after-evidence"],
      ["sender", "after-signed"],
      ["watcher", "before-fulfilled"],
    ];
    const doomed = await Promise.all(deaths.map(([role, point]) => start([role], point)));
    const [inference, prover, sender, watcher] = doomed.map((child) => killed(child));
    const jobId = await ask("Zkml");
    await inference;
    await start(["inference"]);
    await prover;
    // Stands by as sender and watcher until those that lead are gone.
    await start(["prover", "sender", "watcher"]);
    await Promise.all([sender, watcher]);
    await requireOneAnswer(jobId);
  });

  it("has one sender and one watcher at a time, and goes on after a restart of PostgreSQL", async () => {
    const all = ["watcher", "inference", "prover", "sender"] as const;
    await Promise.all([start(all), start(all)]);
    const jobs = [await ask("Zkml"), await ask("Zkml")];
    await runner.patiently(
      "an answer",
      async () => (await factsOf(jobs[0] ?? "")).some(({ kind }) => kind === "answered") || undefined,
    );
    await postgres.restart();
    jobs.push(await ask("Zkml"));
    for (const jobId of jobs) await requireOneAnswer(jobId);
  });
});
