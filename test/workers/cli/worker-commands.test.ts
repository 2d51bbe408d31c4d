import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import { parseEther } from "ethers";

import { chainChecks } from "../../../workers/cli/doctor/chain-checks.ts";
import type { Finding } from "../../../workers/cli/doctor/check.ts";
import { portCheck } from "../../../workers/cli/doctor/machine-checks.ts";
import { artifactChecks } from "../../../workers/cli/doctor/worker-checks.ts";
import { workerConfigOf } from "../../../workers/cli/worker-config.ts";
import { readWorkerFile } from "../../../workers/cli/worker-file.ts";
import { getJob } from "../../../workers/sdk/actions/get-job.ts";
import { getStanding } from "../../../workers/sdk/actions/get-standing.ts";
import { request } from "../../../workers/sdk/actions/request.ts";
import type { Deployment } from "../../../workers/sdk/index.ts";
import { type MarketChain, startMarketChain } from "../daemon/market-chain.ts";
import { failureCodes, runCli, succeed } from "./run-cli.ts";

const CLI = fileURLToPath(new URL("../../../workers/cli/main.ts", import.meta.url));
const PASSWORD = "long enough a password";
const INPUT = [3n, -1n, 4n, -1n, 5n, -9n, 2n, 6n];

describe("assay worker init, doctor, status, drain and withdraw", function () {
  this.timeout(240_000);
  let chain: MarketChain;
  let home: string;
  let file: string;
  let key = "";
  let running: ChildProcess | undefined;
  const environment = { ASSAY_KEYSTORE_PASSWORD: PASSWORD, ASSAY_OPERATOR_KEY: "" };

  /** `assay worker run`, once it is at work. */
  const start = async (): Promise<Record<string, unknown>> => {
    running = spawn(process.execPath, [CLI, "worker", "run", file, "--json"], {
      env: { PATH: process.env["PATH"], ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [line] = (await once(running.stdout ?? running, "data")) as [Buffer];
    return JSON.parse(line.toString()) as Record<string, unknown>;
  };
  const stop = async (): Promise<void> => {
    if (running === undefined || running.exitCode !== null) return;
    const exited = once(running, "exit");
    running.kill("SIGTERM");
    await exited;
  };
  const findings = async (): Promise<ReadonlyMap<string, Finding>> => {
    const { stdout } = await runCli(["worker", "doctor", file, "--json"], environment);
    const { findings: found } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
    for (const { state, remedy } of found) expect(remedy === "", state).to.equal(state === "ok");
    return new Map(found.map((finding) => [finding.name, finding]));
  };

  before(async () => {
    chain = await startMarketChain();
    home = chain.directory;
    file = join(home, "worker.json");
    writeFileSync(join(home, "deployment.json"), JSON.stringify(chain.deployment));
  });
  after(async () => {
    await stop();
    await chain.close();
  });

  it("init writes the settings and an encrypted key, and overwrites nothing", async () => {
    const args = [
      ...["worker", "init", file, "--new-key", join(home, "key.json"), "--rpc", chain.url],
      ...["--deployment", join(home, "deployment.json"), "--directory", join(home, "worker"), "--lock-directory", home],
      ...["--stores", join(home, "store"), "--monitor-port", "0", "--poll-interval", "50", "--log-level", "warn"],
      ...["--operator", JSON.stringify({ source: "environment" }), "--stake", "1", "--price", "0.00000000001"],
    ];
    const serve = ["--serve", JSON.stringify([{ versionId: chain.classifierId, levels: ["Vanilla"] }])];
    expect(await failureCodes(args, environment)).to.deep.equal(["CONFIG_INVALID"]);
    expect(await failureCodes([...args, ...serve], { ASSAY_KEYSTORE_PASSWORD: "short" })).to.deep.equal([
      "PASSWORD_MISSING",
    ]);
    const made = await succeed([...args, ...serve], environment);
    key = String(made["address"]);
    expect(statSync(join(home, "key.json")).mode & 0o077).to.equal(0);
    expect(readFileSync(file, "utf8")).not.to.include(PASSWORD);
    expect(await failureCodes([...args, ...serve], environment)).to.deep.equal(["FILE_EXISTS"]);
    const written = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    expect(written).to.include({ gasMargin: 0 });
    // The fees of this market would not pay for gas.
    writeFileSync(file, JSON.stringify({ ...written, gasMargin: null }));
  });

  it("doctor tells what stands in the way of a first start, and what to do", async () => {
    const found = await findings();
    expect(found.get("prover")?.message).to.match(/proves and verifies/);
    expect(found.get("key")?.message).to.include(key);
    expect(found.get("node")?.message).to.match(/market found/);
    expect(found.get("gas")).to.include({ state: "problem" });
    expect(found.get("gas")?.remedy).to.include(`send coins to ${key}`);
    expect(found.get("registered")).to.include({ state: "warning" });
    expect(found.get(`artifacts ${chain.classifierId.slice(0, 10)}`)).to.include({ state: "ok" });
  });

  it("doctor finds a node that is away, another chain, one without the market, a port in use and stores without the files", async () => {
    const nodes = (url: string, deployment: Partial<Deployment> = {}): Promise<Finding[]> =>
      Promise.all(chainChecks([url], { ...chain.deployment, ...deployment }));
    expect((await nodes(chain.url))[0]?.message).to.match(/market found/);
    expect((await nodes("http://127.0.0.1:1"))[0]).to.include({ state: "problem" });
    expect((await nodes(chain.url, { chainId: 7 }))[0]?.message).to.match(/on chain 31337/);
    expect((await nodes(chain.url, { market: chain.wallet(5).address }))[0]?.message).to.match(/no code at/);
    expect(await portCheck("monitor", "127.0.0.1", chain.port, false)).to.include({ state: "problem" });
    expect(await portCheck("monitor", "127.0.0.1", chain.port, true)).to.include({ state: "ok" });

    const serving = await readWorkerFile(file);
    const config = await workerConfigOf(serving, chain.deployment, chain.wallet(1));
    const client = await chain.clientOf(1);
    const bare = { ...config, stores: [], directory: join(home, "bare") };
    const [found] = await Promise.all(artifactChecks(client, serving, bare));
    expect(found).to.include({ state: "problem" });
    expect(found?.message).to.match(/ARTIFACT_UNAVAILABLE/);
    expect(found?.remedy).to.match(/set `stores`/);
  });

  it("a password that is wrong opens nothing, and is not shown", async () => {
    const wrong = await runCli(["worker", "status", file, "--json"], { ASSAY_KEYSTORE_PASSWORD: "wrong, and long" });
    const run = await runCli(["worker", "run", file, "--json"], { ASSAY_KEYSTORE_PASSWORD: "wrong, and long" });
    expect(wrong.stdout, "the keystore tells whose it is").to.match(/WORKER_MISSING/);
    expect(run.stdout).to.match(/KEYSTORE_PASSWORD_WRONG/);
    expect(run.stdout + wrong.stdout).not.to.match(/wrong, and long/);
  });

  it("run registers the key for its operator; doctor and status know the worker", async () => {
    const funded = await chain.wallet(0).sendTransaction({ to: key, value: parseEther("5") });
    await funded.wait();
    environment.ASSAY_OPERATOR_KEY = chain.wallet(3).privateKey;
    const started = await start();
    expect(started).to.include({ ok: true });
    const found = await findings();
    for (const [name, { state, message }] of found)
      // The directory of a test may be one that all may read, and a disk may be small; blocks are as old as the test makes them.
      if (!["directory", "disk", "node"].includes(name)) expect(state, `${name}: ${message}`).to.equal("ok");
    expect(found.get("process")?.message).to.match(/^runs/);
    const status = await succeed(["worker", "status", file], environment);
    expect(status).to.include({ key, isRunning: true, operator: chain.wallet(3).address, drainWanted: null });
    expect(Number(status["pending"])).to.equal(0);
    const ready = await fetch(`${String(started["monitor"])}/readyz`);
    expect(ready.status).to.equal(200);
  });

  it("drain finishes what holds stake, and the owner's key is asked for it", async () => {
    const client = await chain.clientOf(9);
    const versionId = chain.classifierId;
    const { jobId } = await request(client, { versionId, level: "Vanilla", input: [INPUT], maxFee: 10n ** 12n });
    const until = async (what: "JobExecuted"): Promise<void> => {
      while (!(await getJob(client, { jobId })).timeline.some(({ kind }) => kind === what))
        await new Promise((resolve) => setTimeout(resolve, 100));
    };
    await until("JobExecuted");
    const status = await succeed(["worker", "status", file], environment);
    expect(JSON.stringify(status["jobs"])).to.match(/Executed/);

    const draining = succeed(["worker", "drain", file], environment);
    let isOver = false;
    void draining.then(() => (isOver = true));
    while (!(await getStanding(client, { workerId: 1n })).isDraining)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(isOver, "the answer holds stake until its window is over").to.equal(false);
    await chain.passTime(301);
    expect(await draining).to.include({ isDraining: true, bound: "0" });
    expect(
      await failureCodes(["worker", "drain", file, "--undo"], { ...environment, ASSAY_OPERATOR_KEY: "" }),
    ).to.deep.equal(["KEY_MISSING"]);
  });

  it("drain --undo lets it take jobs again", async () => {
    expect(await succeed(["worker", "drain", file, "--undo"], environment)).to.include({ isDraining: false });
  });

  it("withdraw takes earnings out, then stake in two steps", async () => {
    const to = chain.wallet(8).address;
    const had = await chain.provider.getBalance(to);
    const args = ["worker", "withdraw", file, "--to", to];
    const first = await succeed(args, environment);
    const earned = BigInt(String(first["earned"]));
    expect(earned > 0n).to.equal(true);
    expect((await chain.provider.getBalance(to)) - had).to.equal(earned);

    const step = async (): Promise<Record<string, unknown>> =>
      (await succeed([...args, "--stake"], environment))["stake"] as Record<string, unknown>;
    expect(await step()).to.include({ step: "unbonding", amount: String(parseEther("1")) });
    expect(await step()).to.include({ step: "waiting" });
    await chain.passTime(30 * 24 * 3600);
    expect(await step()).to.include({ step: "withdrawn" });
    expect((await chain.provider.getBalance(to)) - had).to.equal(earned + parseEther("1"));
  });

  it("a signal stops the worker, and only its owner's key takes money out", async () => {
    await stop();
    expect(running?.exitCode).to.equal(0);
    const stranger = { ...environment, ASSAY_OPERATOR_KEY: chain.wallet(4).privateKey };
    expect(await failureCodes(["worker", "withdraw", file], stranger)).to.deep.equal(["OPERATOR_NEEDED"]);
    expect(await succeed(["worker", "status", file], environment)).to.include({ isRunning: false });
    const unstaked = (await findings()).get("stake");
    expect(unstaked).to.include({ state: "problem" });
    expect(unstaked?.message).to.match(/has 0, the least is/);
  });
});
