import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { lower } from "../../../circuits/compiler/index.ts";
import { writeR1cs } from "../../../circuits/toolchain/index.ts";
import { readBuild } from "../../../workers/publish/build-directory.ts";
import { buildOnnx } from "../../circuits/compiler/build-onnx.ts";
import { writeNpy } from "../publish/sample-data/write-npy.ts";
import { failureCodes, runCli, succeed } from "./run-cli.ts";

const SAMPLES = 40;

const onnx = buildOnnx({
  inputs: [{ name: "x", shape: ["n", 3] }],
  outputs: ["z"],
  constants: [
    { name: "w", shape: [3, 6], values: Array.from({ length: 18 }, (_, at) => ((at * 7) % 11) / 4 - 1) },
    { name: "v", shape: [6, 2], values: Array.from({ length: 12 }, (_, at) => ((at * 5) % 13) / 6 - 1) },
  ],
  nodes: [
    { op: "MatMul", name: "first", inputs: ["x", "w"], outputs: ["a"] },
    { op: "Relu", name: "relu", inputs: ["a"], outputs: ["b"] },
    { op: "MatMul", name: "second", inputs: ["b", "v"], outputs: ["z"] },
  ],
});

interface Report {
  readonly constraints: number;
  readonly inputs: readonly { readonly kind: string; readonly bits: number; readonly decimals: number }[];
  readonly outputs: readonly { readonly kind: string; readonly bits: number; readonly decimals: number }[];
  readonly quantization: { readonly source: string; readonly samples: number };
}

describe("assay compile", () => {
  let home: string;
  let model: string;
  const at = (name: string) => join(home, name);
  const reportOf = async (...args: string[]) => (await succeed(["compile", model, ...args])).report as Report;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "assay-compile-"));
    model = at("model.onnx");
    await writeFile(model, onnx);
    const values = Array.from({ length: SAMPLES * 3 }, (_, index) => ((index * 37) % 101) / 25 - 2);
    await writeFile(at("samples.npy"), writeNpy({ shape: [SAMPLES, 3], values }));
    await writeFile(
      at("samples.json"),
      JSON.stringify(values.map((_, row) => values.slice(3 * row, 3 * row + 3)).slice(0, SAMPLES)),
    );
  });

  after(() => rm(home, { recursive: true, force: true }));

  it("takes a model alone", async () => {
    const { stdout, exitCode } = await runCli(["compile", model]);
    expect(exitCode).to.equal(0);
    expect(stdout)
      .to.match(/^constraints +\d+$/m)
      .and.match(/^levels +Vanilla, Tee and Zkml$/m);
    expect(stdout).to.include("warning: no sample inputs were given");
  });

  it("chooses scales on samples from NumPy as on the same from JSON", async () => {
    const report = await reportOf("--data", at("samples.npy"));
    expect(report.quantization).to.include({ source: "given", samples: SAMPLES });
    expect(await reportOf("--data", at("samples.json"))).to.deep.equal(report);
  });

  it("takes element types, bits and accuracy from the command line", async () => {
    const types = ["--input", "int:8:1", "--output", "int:32:2"];
    const report = await reportOf(...types, "--data", at("samples.npy"));
    expect(report.inputs[0]).to.include({ kind: "int", bits: 8, decimals: 1 });
    expect(report.outputs[0]).to.include({ kind: "int", bits: 32, decimals: 2 });
    const loose = await reportOf(...types, "--data", at("samples.npy"), "--max-error", "0.2", "--accuracy", "0.5");
    expect(loose.constraints).to.be.lessThan(report.constraints);
    const wide = await reportOf(
      ...types,
      "--data",
      at("samples.npy"),
      "--weight-bits",
      "12",
      "--activation-bits",
      "14",
    );
    expect(wide.constraints).to.be.greaterThan(report.constraints);
  });

  it("fails beyond the constraints that are allowed, and leaves nothing behind", async () => {
    const out = ["--out", at("refused"), "--html", at("refused.html")];
    expect(await failureCodes(["compile", model, "--max-constraints", "50", ...out])).to.deep.equal([
      "MODEL_TOO_LARGE",
    ]);
    expect(await readdir(home))
      .not.to.include("refused")
      .and.not.to.include("refused.html");
  });

  it("refuses samples that do not fit, and writes nothing", async () => {
    await writeFile(at("wide.npy"), writeNpy({ shape: [5, 4], values: Array.from({ length: 20 }, () => 0) }));
    await writeFile(at("nan.npy"), writeNpy({ shape: [1, 3], values: [0, NaN, 0] }));
    for (const file of ["wide.npy", "nan.npy"])
      expect(await failureCodes(["compile", model, "--data", at(file), "--out", at("refused")]), file).to.deep.equal([
        "SAMPLES_INVALID",
      ]);
    expect(await failureCodes(["compile", model, "--data", at("absent.npy")])).to.deep.equal(["FILE_UNREADABLE"]);
    expect(await failureCodes(["compile", model, "--input", "float:32"])).to.deep.equal(["USAGE"]);
    expect(await failureCodes(["compile", model, "--weight-bits", "99"])).to.deep.equal(["OPTION_INVALID"]);
    expect(await readdir(home)).not.to.include("refused");
  });

  it("tells of a place that cannot be written to, and leaves nothing half written", async () => {
    const before = await readdir(home);
    expect(await failureCodes(["compile", model, "--html", join(model, "report.html")])).to.deep.equal([
      "FILE_UNWRITABLE",
    ]);
    await mkdir(join(at("taken"), "report.html"), { recursive: true });
    expect(await failureCodes(["compile", model, "--html", join(at("taken"), "report.html")])).to.deep.equal([
      "FILE_UNWRITABLE",
    ]);
    expect(await readdir(at("taken"))).to.deep.equal(["report.html"]);
    expect((await readdir(home)).filter((name) => !before.includes(name))).to.deep.equal(["taken"]);
  });

  it("gives the same bytes every time, in processes of their own", async () => {
    const digests: string[][] = [];
    for (const name of ["one", "two"]) {
      await succeed(["compile", model, "--data", at("samples.npy"), "--out", at(name), "--html", at(`${name}.html`)]);
      const { graph } = await readBuild(at(name));
      const files = (await readdir(at(name))).toSorted();
      expect(files).to.include.members(["graph.json", "circuit.circom", "report.json", "report.html", "report.txt"]);
      const contents = await Promise.all(
        [...files.map((file) => join(at(name), file)), at(`${name}.html`)].map((path) => readFile(path)),
      );
      digests.push(
        [...contents, writeR1cs(lower(graph).system)].map((bytes) => createHash("sha256").update(bytes).digest("hex")),
      );
    }
    expect(digests[0]).to.deep.equal(digests[1]);
  });

  it("keeps keys of the same graph and removes those of another", async () => {
    const build = at("keyed");
    await succeed(["compile", model, "--data", at("samples.npy"), "--out", build]);
    await writeFile(join(build, "circuit.zkey"), "key");
    await succeed(["compile", model, "--data", at("samples.npy"), "--out", build]);
    expect(await readdir(build)).to.include("circuit.zkey");
    await succeed(["compile", model, "--data", at("samples.npy"), "--weight-bits", "10", "--out", build]);
    expect(await readdir(build)).not.to.include("circuit.zkey");
  });
});
