import { expect } from "chai";
import { Wallet } from "ethers";

import { type FleetConfig, simulatedQuoteProvider, startFleetProcess } from "../../../../workers/daemon/index.ts";
import { keyOf, parseTask, type Task } from "../../../../workers/daemon/fleet/task.ts";
import { DEPLOYMENT } from "../sample-deployment.ts";
import { codeOf } from "../journal/journal-rules.ts";
import { JOB_ID } from "../sample-job.ts";

const CONFIG: FleetConfig = {
  roles: ["watcher"],
  postgres: { url: "postgresql://postgres@127.0.0.1:1/postgres" },
  deployment: DEPLOYMENT,
  rpcUrls: ["http://127.0.0.1:1"],
  signer: new Wallet(`0x${"11".repeat(32)}`),
  directory: "never-made",
  logLevel: "silent",
};

describe("a fleet process", () => {
  it("refuses what a fleet cannot do, listing every problem", async () => {
    const error: unknown = await startFleetProcess({
      ...CONFIG,
      roles: [],
      postgres: { url: "mysql://here", schema: "no; name" },
      inferences: 0,
      enclave: { quoteProvider: simulatedQuoteProvider({ rootSecret: `0x${"22".repeat(32)}`, image: "any" }) },
      inputs: { port: 0 },
    }).catch((reason: unknown) => reason);
    expect(error).to.include({ code: "CONFIG_INVALID" });
    for (const name of ["roles", "postgres.url", "postgres.schema", "inferences", "enclave", "inputs"])
      expect(String(error)).to.contain(`\n${name}: `);
  });

  it("says that PostgreSQL is not there", async () => {
    expect(await codeOf(() => startFleetProcess(CONFIG))).to.equal("JOURNAL_UNREACHABLE");
  });
});

describe("a task", () => {
  const task: Task = { of: "job", job: JOB_ID, facts: 3, action: { kind: "execute-model" }, now: 1000 };

  it("is the same one however often the same decision is made, and another one after a new fact", () => {
    expect(keyOf({ ...task, now: 2000 })).to.equal(keyOf(task));
    expect(keyOf({ ...task, facts: 4 })).to.not.equal(keyOf(task));
  });

  it("is refused if it is none", () => {
    expect(parseTask(JSON.parse(JSON.stringify(task)))).to.deep.equal(task);
    expect(() => parseTask({ ...task, facts: "3" })).to.throw();
    expect(() => parseTask({ ...task, action: { kind: "decline" } })).to.throw();
    expect(() => parseTask(null)).to.throw();
  });
});
