import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import type { JsonRpcProvider } from "ethers";
import { formatEther, parseEther, toBeHex, Wallet } from "ethers";

import { account, ACCOUNTS } from "../../../scripts/demo/accounts.ts";
import { startLocalChain, type LocalChain } from "../../../scripts/demo/chain.ts";
import { deployAssay } from "../../../scripts/demo/deploy.ts";
import { makeRootSecret } from "../../../scripts/demo/development-root.ts";
import {
  balanceOf,
  createClient,
  openProvider,
  registerWorker,
  request,
  serve,
  write,
  type Deployment,
} from "../../../workers/sdk/index.ts";
import { developmentPlatform } from "../../../workers/tee/development/development-platform.ts";
import { measurement } from "../../../workers/tee/development/image.ts";
import { failureCodes, runCli, succeed } from "./run-cli.ts";

const CLI = fileURLToPath(new URL("../../../workers/cli/main.ts", import.meta.url));
const MODEL = fileURLToPath(new URL("../../../examples/support-desk/model.onnx", import.meta.url));
const PRICE = parseEther("0.0001");
const IMAGE = "a simulated enclave";

describe("assay publish, worker, request and job", () => {
  let home: string;
  let chain: LocalChain;
  let deployment: Deployment;
  let provider: JsonRpcProvider;
  let versionId: string;
  const rootSecret = makeRootSecret();
  const children: ChildProcess[] = [];

  const environment = (index: number) => ({
    ASSAY_PRIVATE_KEY: account(index, provider).privateKey,
    ASSAY_RPC: chain.url,
    ASSAY_DEPLOYMENT: join(home, "deployment.json"),
  });
  const ask = (level: string, ...more: string[]) => [
    "request",
    versionId,
    "--text",
    "my card was stolen",
    "--level",
    level,
    "--final",
    ...more,
  ];

  /** Starts a command that goes on, and waits for its one JSON line. */
  async function start(args: readonly string[], index: number): Promise<Record<string, unknown>> {
    const child = spawn(process.execPath, [CLI, ...args, "--json"], {
      env: { PATH: process.env.PATH, ...environment(index) },
      stdio: ["ignore", "pipe", "ignore"],
    });
    children.push(child);
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    return JSON.parse(line.toString()) as Record<string, unknown>;
  }

  before(async function () {
    this.timeout(240_000);
    home = await mkdtemp(join(tmpdir(), "assay-cli-"));
    chain = await startLocalChain(0);
    deployment = await deployAssay(chain.url, rootSecret, { priorityWindow: 8, minChallengeWindow: 3 });
    provider = openProvider(chain.url, deployment);
    await writeFile(join(home, "deployment.json"), JSON.stringify(deployment));
    const admin = await createClient({ provider, signer: account(ACCOUNTS.publisher, provider), deployment });
    await write(admin, {
      contract: "enclaveRegistry",
      functionName: "acceptMeasurement",
      args: [measurement(IMAGE), true],
    });

    const published = await start(
      ["publish", MODEL, "--store", join(home, "artifacts"), "--port", "0"],
      ACCOUNTS.publisher,
    );
    expect(published).to.include({ ok: true });
    versionId = String(published.versionId);
    await writeFile(
      join(home, "worker.json"),
      JSON.stringify({
        rpc: chain.url,
        deployment: join(home, "deployment.json"),
        directory: join(home, "worker"),
        lockDirectory: home,
        serve: [{ versionId, levels: ["Vanilla", "Tee", "Zkml"] }],
        enclave: { provider: "simulated", rootSecret, image: IMAGE },
        price: formatEther(PRICE),
        pollInterval: 200,
        logLevel: "error",
      }),
    );
    expect(await start(["worker", join(home, "worker.json")], ACCOUNTS.workers[0])).to.include({ ok: true });
  });

  after(async () => {
    for (const child of children) {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "exit");
    }
    provider.destroy();
    await chain.close();
    await rm(home, { recursive: true, force: true });
  });

  for (const level of ["vanilla", "tee", "zkml"])
    it(`request gets a final answer at ${level}, and job checks its evidence here`, async () => {
      const answer = await succeed(ask(level), environment(ACCOUNTS.customers.Zkml));
      expect(answer).to.include({ text: "lost_or_stolen_card", isFinal: true });
      const { check, state } = await succeed(["job", String(answer.jobId)], environment(ACCOUNTS.customers.Zkml));
      expect(state).to.equal("Settled");
      expect(check).to.have.property("verified", level === "vanilla" ? null : true);
    });

  it("tee verify holds a quote against what the deployment holds, and says what the contract says", async () => {
    const env = environment(ACCOUNTS.customers.Tee);
    const path = join(home, "quote.bin");
    const quote = developmentPlatform(rootSecret).quote({ reportData: new Uint8Array(64), image: IMAGE });
    await writeFile(path, quote);
    const compared = ["tee", "verify", path, "--simulated", "--on-chain", "--measurement", measurement(IMAGE)];
    expect(await succeed(compared, env)).to.include({ verdict: "passes", onChain: "passes" });
    await writeFile(path, Uint8Array.from(quote).with(300, 1));
    expect(await failureCodes(compared, env)).to.deep.equal(["QuoteSignature"]);
    await writeFile(path, quote);
    expect(await failureCodes(["tee", "verify", path], env), "by Intel's root").to.deep.equal(["RootUnknown"]);
  });

  it("refuses bad requests, each with its code, before anything is spent", async () => {
    const customer = account(ACCOUNTS.customers.Tee, provider);
    const balance = await provider.getBalance(customer.address);
    const env = environment(ACCOUNTS.customers.Tee);
    expect(await failureCodes(ask("zkml", "--max-fee", "0"), env)).to.deep.equal(["FEE_TOO_LOW"]);
    const unknown = ["request", toBeHex(1, 32), "--text", "x"];
    expect(await failureCodes(unknown, env)).to.deep.equal(["UNKNOWN_VERSION"]);
    await writeFile(join(home, "short.json"), "[1]");
    expect(await failureCodes(["request", versionId, "--input", join(home, "short.json")], env)).to.deep.equal([
      "INPUT_LENGTH",
    ]);
    expect(await failureCodes(["job", toBeHex(5, 32)], env)).to.deep.equal(["JOB_UNKNOWN"]);
    expect(await provider.getBalance(customer.address)).to.equal(balance);
  });

  it("refuses a chain that is away, another chain, and a missing or malformed key", async () => {
    const env = environment(ACCOUNTS.customers.Tee);
    expect(await failureCodes(ask("tee", "--rpc", "http://127.0.0.1:1"), env)).to.deep.equal(["RPC_UNREACHABLE"]);
    await writeFile(join(home, "other.json"), JSON.stringify({ ...deployment, chainId: 1 }));
    expect(await failureCodes(ask("tee", "--deployment", join(home, "other.json")), env)).to.deep.equal([
      "WRONG_CHAIN",
    ]);
    await writeFile(join(home, "bad.json"), "{}");
    expect(await failureCodes(ask("tee", "--deployment", join(home, "bad.json")), env)).to.deep.equal([
      "DEPLOYMENT_INVALID",
    ]);
    const { ASSAY_PRIVATE_KEY, ...keyless } = env;
    expect(await failureCodes(ask("tee"), keyless)).to.deep.equal(["KEY_MISSING"]);
    expect(await failureCodes(ask("tee"), { ...env, ASSAY_PRIVATE_KEY: ASSAY_PRIVATE_KEY.slice(2) })).to.deep.equal([
      "KEY_INVALID",
    ]);
    expect(
      await failureCodes(ask("tee"), { ...env, ASSAY_PRIVATE_KEY: Wallet.createRandom().privateKey }),
    ).to.deep.equal(["INSUFFICIENT_FUNDS"]);
  });

  it("job --end gives the escrow of a late job back, and not before it is late", async () => {
    const env = environment(ACCOUNTS.customers.Vanilla);
    const signer = account(ACCOUNTS.customers.Vanilla, provider);
    const client = await createClient({ provider, signer, deployment });
    // The fee reaches what the worker asks only at the deadline, so nobody answers.
    const input = [Array.from({ length: 1024 }, () => 0n)];
    const asked = { versionId, level: "Zkml", input, minFee: 0n, maxFee: PRICE, timeToLive: 60n } as const;
    const { jobId } = await request(client, asked);
    expect(await failureCodes(["job", jobId, "--end"], env)).to.deep.equal(["JobNotDue"]);
    await provider.send("evm_increaseTime", [61]);
    const { state, check } = await succeed(["job", jobId, "--end"], env);
    expect(state).to.equal("Refunded");
    expect(check).to.have.property("verified", null);
    expect(await balanceOf(client, { account: signer.address })).to.equal(PRICE);
  });

  it("standing tells what a worker did and earned, and takes the earnings out for its operator", async () => {
    const env = environment(ACCOUNTS.workers[0]);
    const before = await succeed(["standing"], env);
    expect(before).to.include({ workerId: "1", slashed: "0", isSuspended: false });
    expect(Number(before.done)).to.be.greaterThan(2);
    expect(BigInt(String(before.earned)) > 0n).to.equal(true);
    const { ASSAY_PRIVATE_KEY, ...keyless } = env;
    expect(await succeed(["standing", "1"], keyless)).to.include({ earned: before.earned });
    const customer = environment(ACCOUNTS.customers.Tee);
    expect(await failureCodes(["standing", "1", "--withdraw"], customer)).to.deep.equal(["NotWorkersOperator"]);
    expect(await failureCodes(["standing"], customer)).to.deep.equal(["WORKER_MISSING"]);
    expect(await failureCodes(["standing", "--return"], { ...env, ASSAY_PRIVATE_KEY })).to.deep.equal(["NotSuspended"]);

    const to = toBeHex(0xee, 20);
    expect(await succeed(["standing", "--withdraw", "--to", to], env)).to.include({ earned: "0" });
    expect(await provider.getBalance(to)).to.equal(BigInt(String(before.earned)));
  });

  it("job tells of copies, and of their end when too few workers answered", async () => {
    const env = environment(ACCOUNTS.customers.Vanilla);
    const signer = account(ACCOUNTS.customers.Vanilla, provider);
    const client = await createClient({ provider, signer, deployment });
    expect(await failureCodes(ask("vanilla", "--copies", "3"), env)).to.deep.equal(["NO_WORKER"]);
    // Two more workers serve, and never answer.
    for (const index of [ACCOUNTS.workers[1], ACCOUNTS.workers[2]]) {
      const idle = await createClient({ provider, signer: account(index, provider), deployment });
      const registration = { key: account(index, provider).address, price: PRICE, stake: parseEther("0.1") };
      const { workerId } = await registerWorker(idle, registration);
      await serve(idle, { workerId, versionId, levels: ["Vanilla"] });
    }
    const input = [Array.from({ length: 1024 }, () => 0n)];
    const asked = { versionId, level: "Vanilla", input, maxFee: 6n * PRICE, copies: 3n, timeToLive: 60n } as const;
    const { jobId } = await request(client, asked);
    const copiesOf = async () => {
      const { copies } = await succeed(["job", jobId], env);
      return copies as { readonly phase: string; readonly taken: readonly unknown[] };
    };
    for (let looks = 0; (await copiesOf()).taken.length === 0; looks++) {
      expect(looks).to.be.lessThan(200);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    await provider.send("evm_increaseTime", [61]);
    // The worker whose stake the job holds may end it first.
    const { exitCode, stdout } = await runCli(["job", jobId, "--end", "--json"], env);
    if (exitCode !== 0) expect(stdout).to.contain("JobStateMismatch");
    const { state, workers } = await succeed(["job", jobId], env);
    expect(state).to.equal("Refunded");
    expect(workers).to.have.length(1);
  });

  it("publish refuses a level it does not know, a port in use and bytes that are no model", async () => {
    const env = environment(ACCOUNTS.publisher);
    const publish = (...more: string[]) => ["publish", MODEL, "--store", join(home, "second"), ...more];
    expect(await failureCodes(publish("--levels", "magic"), env)).to.deep.equal(["LEVEL_UNKNOWN"]);
    const taken: Server = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    expect(await failureCodes(publish("--port", String(port)), env)).to.deep.equal(["PORT_IN_USE"]);
    taken.close();
    await writeFile(join(home, "text.onnx"), "not a model");
    expect(await failureCodes(["publish", join(home, "text.onnx"), "--port", "0"], env)).to.deep.equal([
      "FILE_NOT_ONNX",
    ]);
  });

  it("worker lists every problem of its configuration, and refuses an account without the stake", async () => {
    await writeFile(join(home, "bad-worker.json"), JSON.stringify({ rpc: "x", serve: [], stake: "much" }));
    const env = environment(ACCOUNTS.workers[1]);
    expect(await failureCodes(["worker", join(home, "bad-worker.json")], env)).to.deep.equal(["CONFIG_INVALID"]);
    expect(await failureCodes(["worker", join(home, "absent.json")], env)).to.deep.equal(["CONFIG_UNREADABLE"]);
    const poor = { ...env, ASSAY_PRIVATE_KEY: Wallet.createRandom().privateKey };
    expect(await failureCodes(["worker", join(home, "worker.json")], poor)).to.deep.equal(["INSUFFICIENT_FUNDS"]);
  });
});
