import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { failureCodes, runCli, succeed } from "./run-cli.ts";

const MODEL = fileURLToPath(new URL("../../../examples/support-desk/model.onnx", import.meta.url));
const QUESTION = "my card was stolen";

describe("assay compile, run, prove and verify", () => {
  let home: string;
  let build: string;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "assay-cli-"));
    build = join(home, "build");
    const { report } = await succeed(["compile", MODEL, "--out", build]);
    expect(report).to.include({ name: "support-desk" });
  });

  after(() => rm(home, { recursive: true, force: true }));

  it("run gives integer and float answer side by side", async () => {
    const { outputs, agree } = await succeed(["run", build, "--text", QUESTION]);
    expect(agree).to.equal(true);
    expect(outputs).to.deep.equal([{ name: "label", integer: ["42"], float: ["42"], text: "lost_or_stolen_card" }]);
  });

  it("run takes an ONNX file as well", async () => {
    const { outputs } = await succeed(["run", MODEL, "--text", QUESTION]);
    expect(outputs).to.have.nested.property("[0].text", "lost_or_stolen_card");
  });

  it("run and compile take a folder with a model and its configuration", async () => {
    const { outputs } = await succeed(["run", dirname(MODEL), "--text", QUESTION]);
    expect(outputs).to.have.nested.property("[0].text", "lost_or_stolen_card");
    const { report } = await succeed(["compile", dirname(MODEL)]);
    expect(report).to.include({ name: "support-desk" });
  });

  it("prove makes keys once, and verify accepts its proof and nothing else", async () => {
    const proofPath = join(home, "proof.json");
    const proven = await succeed(["prove", build, "--text", QUESTION, "--binding", "7", "--out", proofPath]);
    expect(proven.publicSignals).to.have.length(6).and.include("7");
    const key = await readFile(join(build, "verification-key.bin"));
    await succeed(["prove", build, "--text", "what is the exchange rate", "--out", join(home, "other.json")]);
    expect(await readFile(join(build, "verification-key.bin"))).to.deep.equal(key);

    const { outputs } = await succeed(["verify", build, proofPath]);
    expect(outputs).to.deep.equal([["42"]]);
    const file = await readFile(proofPath, "utf8");
    for (const forged of [
      file.replace('"binding":"7"', '"binding":"8"'),
      file.replace('"output":"0x2a"', '"output":"0x2b"'),
    ]) {
      expect(forged).not.to.equal(file);
      await writeFile(join(home, "forged.json"), forged);
      expect(await failureCodes(["verify", build, join(home, "forged.json")])).to.deep.equal(["PROOF_INVALID"]);
    }
  });

  it("refuses a corrupted proving key", async () => {
    const damaged = join(home, "damaged");
    await succeed(["compile", MODEL, "--out", damaged]);
    await copyFile(join(build, "verification-key.bin"), join(damaged, "verification-key.bin"));
    const zkey = await readFile(join(build, "circuit.zkey"));
    await writeFile(join(damaged, "circuit.zkey"), zkey.subarray(0, zkey.length / 2));
    expect(await failureCodes(["prove", damaged, "--text", QUESTION])).to.deep.equal(["ZKEY_CORRUPT"]);
  });

  it("answers bad files and inputs with a code each", async () => {
    const model = await readFile(MODEL);
    await writeFile(join(home, "truncated.onnx"), model.subarray(0, 1000));
    await writeFile(join(home, "text.onnx"), "not a model");
    await writeFile(join(home, "short.json"), "[1, 0]");
    await writeFile(join(home, "word.json"), '["one"]');
    await writeFile(join(home, "range.json"), JSON.stringify(Array.from({ length: 1024 }, () => 2)));
    expect(await failureCodes(["compile", join(home, "truncated.onnx")])).to.deep.equal(["FILE_TRUNCATED"]);
    expect(await failureCodes(["compile", join(home, "text.onnx")])).to.deep.equal(["FILE_NOT_ONNX"]);
    expect(await failureCodes(["compile", join(home, "absent.onnx")])).to.deep.equal(["FILE_UNREADABLE"]);
    expect(await failureCodes(["run", join(home, "absent")])).to.deep.equal(["FILE_UNREADABLE"]);
    expect(await failureCodes(["run", home])).to.deep.equal(["BUILD_DIRECTORY"]);
    expect(await failureCodes(["run", build])).to.deep.equal(["INPUT_MISSING"]);
    expect(await failureCodes(["run", build, "--input", join(home, "short.json")])).to.deep.equal(["INPUT_LENGTH"]);
    expect(await failureCodes(["run", build, "--input", join(home, "word.json")])).to.deep.equal(["INPUT_UNREADABLE"]);
    expect(await failureCodes(["run", build, "--input", join(home, "range.json")])).to.deep.equal(["TENSOR_RANGE"]);
    expect(await failureCodes(["prove", build, "--text", QUESTION, "--binding", "x"])).to.deep.equal(["USAGE"]);
    expect(await failureCodes(["frobnicate"])).to.deep.equal(["USAGE"]);
    expect(await failureCodes(["verify", build])).to.deep.equal(["USAGE"]);
  });

  it("lists every problem of a model's configuration at once", async () => {
    const config = join(home, "assay.json");
    await writeFile(config, JSON.stringify({ inputs: [{ kind: "float", bits: "1" }], extra: 1 }));
    const { stderr, exitCode } = await runCli(["compile", MODEL, "--config", config]);
    expect(exitCode).to.equal(1);
    expect(stderr)
      .to.match(/MODEL_CONFIG/)
      .and.match(/inputs\.0\.kind/)
      .and.match(/inputs\.0\.bits/)
      .and.match(/extra/);
  });

  it("helps a newcomer", async () => {
    const { stdout, exitCode } = await runCli(["--help"]);
    expect(exitCode).to.equal(0);
    for (const command of ["compile", "run", "prove", "verify", "publish", "worker", "request", "job", "doctor"])
      expect(stdout).to.contain(`  ${command} `);
  });

  it("doctor finds this machine fit", async () => {
    const { checks } = await succeed(["doctor"]);
    expect(checks).to.satisfy((all: readonly { ok: boolean }[]) => all.every(({ ok }) => ok));
  });
});
