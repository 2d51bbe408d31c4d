import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { hexOf } from "../../../workers/daemon/chain/job-struct.ts";
import { openJournal } from "../../../workers/daemon/index.ts";
import { getStanding } from "../../../workers/sdk/actions/get-standing.ts";
import { request } from "../../../workers/sdk/actions/request.ts";
import type { Level } from "../../../workers/sdk/level.ts";
import { deployTo } from "../../local-deployment.ts";
import { type LocalNode, startAnvil } from "../../nodes.ts";
import { ENCLAVE, type MarketChain, openMarketChain } from "./market-chain.ts";
import { ofKind, runWorkers, type WorkerRunner } from "./running-workers.ts";
import type { WorkerProcessOrder } from "./worker-process.ts";

const PROCESS = fileURLToPath(new URL("./worker-process.ts", import.meta.url));
const CHALLENGE_WINDOW = 300;
const WORKER = 1;
const DAY = 86_400_000;

describe("a worker in bad surroundings", function () {
  this.timeout(120_000);
  let home: string;
  let node: LocalNode;
  let chain: MarketChain;
  let runner: WorkerRunner;
  let workerId: bigint;
  const children: ChildProcess[] = [];

  const stateFile = (): string => join(home, "chain.json");
  const ask = async (level: Level): Promise<string> => {
    const input = [[3n, -1n, 4n, -1n, 5n, -9n, 2n, 6n]];
    const client = await chain.clientOf(9);
    return (await request(client, { versionId: chain.classifierId, level, input, maxFee: 10n ** 12n })).jobId;
  };
  const settle = async (jobId: string): Promise<void> => {
    await runner.until(jobId, "JobExecuted");
    await chain.passTime(CHALLENGE_WINDOW + 1);
    await requireOneAnswer(jobId);
  };
  const requireOneAnswer = async (jobId: string): Promise<void> => {
    const facts = await runner.until(jobId, "JobSettled");
    expect([...ofKind(facts, "JobExecuted"), ...ofKind(facts, "JobFulfilled")]).to.have.length(1);
    expect(ofKind(facts, "JobSettled")).to.have.length(1);
  };
  const requireStake = async (): Promise<void> => {
    const { slashed, bound } = await getStanding(await chain.clientOf(9), { workerId });
    expect({ slashed, bound }).to.deep.equal({ slashed: 0n, bound: 0n });
  };
  const order = (): WorkerProcessOrder => ({
    deployment: chain.deployment,
    rpcUrls: [chain.url],
    privateKey: chain.wallet(WORKER).privateKey,
    directory: runner.directoryOf(WORKER),
    lockDirectory: runner.lockDirectory,
    store: join(chain.directory, "store"),
    enclave: ENCLAVE,
    dieAt: null,
    log: true,
  });
  /** What it logs; a line a piece. */
  const logOf = (child: ChildProcess): string[] => {
    const lines: string[] = [];
    child.stderr?.on("data", (chunk: Buffer) => lines.push(...chunk.toString().split("\n")));
    return lines;
  };
  const end = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };

  before(async function () {
    this.timeout(240_000);
    home = mkdtempSync(join(tmpdir(), "assay-surroundings-"));
    node = await startAnvil({ stateFile: stateFile() });
    const deployment = await deployTo(node.url, ENCLAVE.rootSecret);
    chain = await openMarketChain({ ...node, deployment, close: () => node.close() });
    runner = runWorkers(chain);
    workerId = await chain.enlist(WORKER, chain.classifierId, ["Vanilla", "Tee", "Zkml"]);
  });
  afterEach(async () => {
    await runner.stopAll();
    await Promise.all(children.splice(0).map(end));
  });
  after(async () => {
    await chain.close();
    rmSync(home, { recursive: true });
  });

  it("goes on when its node was restarted", async () => {
    await runner.start(WORKER);
    const before = await ask("Vanilla");
    await runner.until(before, "JobExecuted");
    await node.close();
    node = await startAnvil({ stateFile: stateFile(), port: node.port });
    const after = await ask("Zkml");
    await settle(before);
    await requireOneAnswer(after);
    await requireStake();
  });

  it("gives one answer to a job although a second machine runs with its key and an own journal", async () => {
    await runner.start(WORKER);
    const elsewhere = { directory: join(home, "other-machine"), lockDirectory: join(home, "other-locks") };
    await runner.start(WORKER, elsewhere);
    const jobs: string[] = [];
    for (const level of ["Vanilla", "Zkml", "Vanilla", "Zkml", "Vanilla"] as const) jobs.push(await ask(level));
    for (const [index, jobId] of jobs.entries())
      await runner.until(jobId, index % 2 === 0 ? "JobExecuted" : "JobFulfilled");
    await chain.passTime(CHALLENGE_WINDOW + 1);
    for (const jobId of jobs) await requireOneAnswer(jobId);
    await requireStake();
  });

  for (const skew of [-DAY, DAY])
    it(`works by the chain's clock when its own is a day ${skew < 0 ? "late" : "early"}`, async () => {
      const shift = `const now = Date.now; Date.now = () => now() + ${skew};`;
      const child = fork(PROCESS, { stdio: "ignore", execArgv: ["--import", `data:text/javascript,${shift}`] });
      children.push(child);
      child.send(order());
      const [vanilla, zkml] = [await ask("Vanilla"), await ask("Zkml")];
      await requireOneAnswer(zkml);
      await settle(vanilla);
      await requireStake();
    });

  it("sends nothing that it cannot journal on a full disk, and goes on when there is room", async () => {
    // No file may grow beyond 64 KiB: the journal's log has room for a few facts, and all other files are there by now.
    const shell = `trap '' XFSZ; ulimit -f 64; exec "${process.execPath}" "${PROCESS}"`;
    const child = spawn("bash", ["-c", shell], { stdio: ["ignore", "ignore", "pipe", "ipc"] });
    children.push(child);
    const lines = logOf(child);
    const first = await sent();
    child.send(order());
    const jobs: string[] = [];
    await runner.patiently("full disk", async () => {
      if (jobs.length < 20) jobs.push(await ask("Vanilla"));
      return lines.find((line) => line.includes("JOURNAL_UNWRITABLE"));
    });
    expect(child.exitCode).to.equal(null);
    await end(child);
    const signed = await signedNonces();
    const ours = Array.from({ length: (await sent()) - first }, (_, index) => first + index);
    expect(signed).to.include.members(ours);

    await runner.start(WORKER);
    for (const jobId of jobs) await runner.until(jobId, "JobExecuted");
    await chain.passTime(CHALLENGE_WINDOW + 1);
    for (const jobId of jobs) await requireOneAnswer(jobId);
    await requireStake();
  });

  const sent = (): Promise<number> => chain.provider.getTransactionCount(chain.wallet(WORKER).address);

  async function signedNonces(): Promise<number[]> {
    const journal = openJournal(join(runner.directoryOf(WORKER), "journal.sqlite"), {
      chainId: chain.deployment.chainId,
      market: hexOf(chain.deployment.market),
      workerKey: hexOf(chain.wallet(WORKER).address),
    });
    try {
      const facts = await journal.factsOfKinds(["signed"]);
      return facts.flatMap(({ fact }) => (fact.kind === "signed" ? [fact.nonce] : []));
    } finally {
      await journal.close();
    }
  }
});
