import { expect } from "chai";

import { runCli } from "./run-cli.ts";

describe("assay worker replay", () => {
  it("takes the number of a block or the id of a job, and nothing else", async () => {
    const { exitCode, stderr } = await runCli(["worker", "replay", "0x1234", "worker.json"]);
    expect(exitCode).to.not.equal(0);
    expect(stderr).to.include("must be the number of a block, or a job's id");
  });

  it("needs the worker's configuration, and lists what it lacks", async () => {
    const { exitCode, stdout } = await runCli(["worker", "replay", "12", "--json"]);
    expect(exitCode).to.equal(1);
    expect(JSON.parse(stdout)).to.have.nested.property("diagnostics[0].code", "CONFIG_INVALID");
  });
});
