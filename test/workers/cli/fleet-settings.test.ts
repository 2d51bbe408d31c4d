import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { readWorkerFile } from "../../../workers/cli/worker-file.ts";

const POSTGRES = "postgresql://assay@db.internal/assay";
const FILE = {
  rpc: "http://127.0.0.1:8545",
  deployment: "deployment.json",
  directory: "worker",
  serve: [{ versionId: `0x${"00".repeat(31)}01`, levels: ["Vanilla"] }],
};

describe("a fleet in a worker's configuration", () => {
  const directory = mkdtempSync(join(tmpdir(), "assay-fleet-file-"));
  const path = join(directory, "worker.json");
  const fileWith = (members: object): string => {
    writeFileSync(path, JSON.stringify({ ...FILE, ...members }));
    return path;
  };
  after(() => rmSync(directory, { recursive: true }));

  it("is left out unless it is asked for", async () => {
    expect((await readWorkerFile(fileWith({}))).fleet).to.equal(undefined);
  });

  it("has all roles in one process unless the process is told its own", async () => {
    const one = await readWorkerFile(fileWith({ fleet: { postgres: POSTGRES } }));
    expect(one.fleet).to.deep.equal({ postgres: POSTGRES, schema: "assay", inferences: 2, proofs: 1 });
    expect(one.role).to.deep.equal(["watcher", "inference", "prover", "sender"]);
  });

  it("may be given by the environment, and the role by a flag", async () => {
    const environment = { ASSAY_WORKER_FLEET_POSTGRES: POSTGRES, ASSAY_WORKER_FLEET_PROOFS: "3" };
    const several = await readWorkerFile(fileWith({}), { environment, flags: { role: "inference,prover" } });
    expect(several.fleet).to.include({ postgres: POSTGRES, proofs: 3 });
    expect(several.role).to.deep.equal(["inference", "prover"]);
    const one = await readWorkerFile(fileWith({}), { environment, flags: { role: "sender" } });
    expect(one.role).to.equal("sender");
  });

  it("is refused with every problem at once", async () => {
    const wrong = { fleet: { postgres: "mysql://here", worker: "somebody", proofs: 0 }, role: ["boss"] };
    const error: unknown = await readWorkerFile(fileWith(wrong)).catch((reason: unknown) => reason);
    expect(error).to.include({ code: "CONFIG_INVALID" });
    for (const place of ["fleet.postgres", "fleet.worker", "fleet.proofs", "role"])
      expect(String(error)).to.contain(`\n${place}`);
  });

  it("has no gateway", async () => {
    const gateway = { port: 8081, offers: [{ versionId: FILE.serve[0]?.versionId, level: "Vanilla", price: "0.01" }] };
    const both = fileWith({ fleet: { postgres: POSTGRES }, gateway });
    const error: unknown = await readWorkerFile(both).catch((reason: unknown) => reason);
    expect(error).to.include({ code: "CONFIG_INVALID" });
    expect(String(error)).to.contain("\ngateway: a fleet runs no gateway");
    expect((await readWorkerFile(fileWith({ gateway }))).gateway).to.include({ port: 8081 });
  });
});
