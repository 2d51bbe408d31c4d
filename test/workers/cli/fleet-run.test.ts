import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { request } from "../../../workers/sdk/actions/request.ts";
import { type Postgres, startPostgres } from "../../postgres.ts";
import { type MarketChain, startMarketChain } from "../daemon/market-chain.ts";
import { runWorkers } from "../daemon/running-workers.ts";

const CLI = fileURLToPath(new URL("../../../workers/cli/main.ts", import.meta.url));
const WORKER = 1;

describe("assay worker run --role", function () {
  this.timeout(240_000);
  let chain: MarketChain;
  let postgres: Postgres;
  let home: string;
  const children: ChildProcess[] = [];

  /** Starts a process of the fleet and waits for its one JSON line. */
  const start = async (flags: readonly string[], environment: Record<string, string>): Promise<unknown> => {
    const child = spawn(process.execPath, [CLI, "worker", "run", join(home, "worker.json"), ...flags, "--json"], {
      env: { PATH: process.env.PATH, ASSAY_WORKER_FLEET_POSTGRES: postgres.url, ...environment },
      stdio: ["ignore", "pipe", "ignore"],
    });
    children.push(child);
    return JSON.parse(String(await once(child.stdout, "data")));
  };

  before(async () => {
    home = mkdtempSync(join(tmpdir(), "assay-fleet-run-"));
    postgres = await startPostgres();
    chain = await startMarketChain();
    writeFileSync(join(home, "deployment.json"), JSON.stringify(chain.deployment));
    const file = {
      rpc: chain.url,
      deployment: join(home, "deployment.json"),
      directory: join(home, "worker"),
      lockDirectory: join(home, "locks"),
      stores: [join(chain.directory, "store")],
      serve: [{ versionId: chain.classifierId, levels: ["Vanilla", "Zkml"] }],
      pollInterval: 50,
    };
    writeFileSync(join(home, "worker.json"), JSON.stringify(file));
  });
  after(async () => {
    for (const child of children) {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    }
    await chain.close();
    await postgres.close();
    rmSync(home, { recursive: true });
  });

  it("serves with the key on the sender's machine alone", async () => {
    const { address, privateKey } = chain.wallet(WORKER);
    const sender = await start(["--role", "sender"], { ASSAY_PRIVATE_KEY: privateKey });
    expect(sender).to.deep.include({ ok: true, roles: ["sender"] });
    const others = await start(["--role", "watcher,inference,prover"], { ASSAY_WORKER_FLEET_WORKER: address });
    expect(others).to.deep.include({ ok: true, roles: ["watcher", "inference", "prover"] });
    const { jobId } = await request(await chain.clientOf(9), {
      versionId: chain.classifierId,
      level: "Zkml",
      input: [[3n, -1n, 4n, -1n, 5n, -9n, 2n, 6n]],
      maxFee: 10n ** 12n,
    });
    await runWorkers(chain).until(jobId, "JobSettled");
  });
});
