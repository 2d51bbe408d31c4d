import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { z } from "zod";

import { settingsOf, valueOf } from "../../../workers/cli/settings/setting.ts";
import { type Given, readWorkerFile, SETTINGS, WorkerFileError } from "../../../workers/cli/worker-file.ts";

const VERSION = `0x${"01".repeat(32)}`;
const FILE = {
  rpc: "http://127.0.0.1:8545",
  deployment: "deployment.json",
  directory: "worker",
  serve: [{ versionId: VERSION, levels: ["Zkml"] }],
  inputs: { port: 9000 },
  pollInterval: 100,
};

describe("a worker's settings", () => {
  let path: string;
  before(() => {
    path = join(mkdtempSync(join(tmpdir(), "assay-settings-")), "worker.json");
    writeFileSync(path, JSON.stringify(FILE));
  });
  after(() => rmSync(join(path, ".."), { recursive: true }));

  const problemsOf = async (from: string | undefined, given: Given): Promise<readonly string[]> => {
    try {
      await readWorkerFile(from, given);
    } catch (error) {
      if (error instanceof WorkerFileError && error.code === "CONFIG_INVALID")
        return error.message.split("\n").slice(1);
      throw error;
    }
    throw new Error("the configuration is valid");
  };

  it("come from the file, then the environment, then flags", async () => {
    expect(await readWorkerFile(path)).to.deep.include({
      pollInterval: 100,
      inputs: { host: "127.0.0.1", port: 9000 },
    });
    const environment = {
      ASSAY_WORKER_POLL_INTERVAL: "200",
      ASSAY_WORKER_INPUTS_PORT: "9001",
      ASSAY_WORKER_PRICE: "2",
    };
    expect(await readWorkerFile(path, { environment })).to.deep.include({
      pollInterval: 200,
      inputs: { host: "127.0.0.1", port: 9001 },
      price: "2",
    });
    const flags = { pollInterval: "300", inputsHost: "0.0.0.0", returnToDraws: "false" };
    expect(await readWorkerFile(path, { environment, flags })).to.deep.include({
      pollInterval: 300,
      inputs: { host: "0.0.0.0", port: 9001 },
      price: "2",
      returnToDraws: false,
    });
  });

  it("need no file", async () => {
    const environment = {
      ASSAY_WORKER_RPC: "http://a.example, http://b.example",
      ASSAY_WORKER_DEPLOYMENT: "deployment.json",
      ASSAY_WORKER_DIRECTORY: "worker",
      ASSAY_WORKER_SERVE: JSON.stringify(FILE.serve),
      ASSAY_WORKER_KEY_SOURCE: "keystore",
      ASSAY_WORKER_KEY_FILE: "key.json",
      ASSAY_WORKER_STORES: "",
    };
    expect(await readWorkerFile(undefined, { environment })).to.deep.include({
      rpc: ["http://a.example", "http://b.example"],
      serve: FILE.serve,
      key: { source: "keystore", file: "key.json" },
      stores: [],
    });
  });

  it("are refused with every problem at once, and where each comes from", async () => {
    const environment = { ASSAY_WORKER_POL_INTERVAL: "5", ASSAY_WORKER_STAKE: "much" };
    const problems = await problemsOf(path, { environment, flags: { inputsPort: "70000", serve: "[{" } });
    expect(problems).to.have.length(4);
    expect(problems[0]).to.match(/^ASSAY_WORKER_POL_INTERVAL: is no setting/);
    expect(problems.join("\n")).to.match(/stake: must be an amount .*\(from ASSAY_WORKER_STAKE\)/);
    expect(problems.join("\n")).to.match(/inputs\.port: .*\(from --inputs-port\)/);
    expect(problems.join("\n")).to.match(/serve: .*\(from --serve\)/);
    expect(await problemsOf(undefined, {})).to.have.length(4);
  });

  it("keep each other's parts, and flags stand above variables also where one is a whole and one a part", async () => {
    const environment = { ASSAY_WORKER_INPUTS_PORT: "1" };
    const { inputs } = await readWorkerFile(path, { environment, flags: { inputs: '{"port":2,"host":"h"}' } });
    expect(inputs).to.deep.equal({ host: "h", port: 2 });
  });

  it("have a flag and a variable of their own each", () => {
    expect(new Set(SETTINGS.map(({ variable }) => variable)).size).to.equal(SETTINGS.length);
    const clash = z.object({ ab: z.object({ c: z.string() }), abC: z.string() });
    expect(() => settingsOf(clash, "X_")).to.throw(/--ab-c/);
  });

  it("leave what a text cannot mean to the schema", () => {
    const [count, flag, list] = settingsOf(z.object({ a: z.int(), b: z.boolean(), c: z.array(z.string()) }), "X_");
    if (count === undefined || flag === undefined || list === undefined) throw new Error("no settings");
    expect([valueOf(count, "12"), valueOf(count, "0x12"), valueOf(count, "")]).to.deep.equal([12, "0x12", ""]);
    expect([valueOf(flag, "true"), valueOf(flag, "yes")]).to.deep.equal([true, "yes"]);
    expect([valueOf(list, "x, y"), valueOf(list, '["x"]'), valueOf(list, "[x")]).to.deep.equal([
      ["x", "y"],
      ["x"],
      "[x",
    ]);
  });
});
