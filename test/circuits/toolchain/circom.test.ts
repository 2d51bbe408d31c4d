import { readdir } from "node:fs/promises";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { violatedConstraints } from "../../../circuits/format/check-witness.ts";
import { FIELD_ORDER } from "../../../circuits/format/interface-words.ts";
import { compileCircom, ToolchainError } from "../../../circuits/toolchain/index.ts";
import { rejection } from "./rejection.ts";

const SQUARE = `pragma circom 2.2.0;
template Square() { signal input y; signal input x; signal output z; y === x * x; z <== y + 3; }
component main {public [y]} = Square();`;

describe("compiling Circom", function () {
  this.timeout(60_000);

  let library: string;
  before(async () => {
    library = await mkdtemp(join(tmpdir(), "assay-test-"));
    await writeFile(
      join(library, "double.circom"),
      "pragma circom 2.2.0; template Double() { signal input in; signal output out <== 2 * in; }",
    );
  });
  after(() => rm(library, { recursive: true }));

  it("gives the constraints, outputs first, and the wire of every signal", async () => {
    const { system, symbols } = await compileCircom(SQUARE, { name: "square" });
    expect(system).to.deep.include({ wireCount: 4, publicCount: 2 });
    expect(Object.fromEntries(symbols)).to.deep.equal({ "main.z": 1, "main.y": 2, "main.x": 3 });
    expect(violatedConstraints(system, [1n, 28n, 25n, FIELD_ORDER - 5n])).to.deep.equal([]);
    expect(violatedConstraints(system, [1n, 28n, 25n, 4n])).to.deep.equal([0]);
    expect(violatedConstraints(system, [1n, 29n, 25n, 5n])).to.deep.equal([1]);
  });

  it("finds includes on the given paths", async () => {
    const source = `pragma circom 2.2.0; include "double.circom";
      template Main() { signal input x; signal output y <== Double()(x); signal z <== x * y; }
      component main = Main();`;
    const { system, symbols } = await compileCircom(source, { name: "with-include", includePaths: [library] });
    expect(symbols.get("main.y")).to.equal(1);
    expect(system.publicCount).to.equal(1);
    const failure = await rejection(
      compileCircom(source, { name: "without-include", includePaths: [] }),
      ToolchainError,
    );
    expect(failure.code).to.equal("CIRCOM_FAILED");
    expect(failure.message).to.contain("double.circom");
  });

  it("passes the compiler's own complaint on, and leaves nothing behind", async () => {
    const left = async (): Promise<string[]> =>
      (await readdir(tmpdir())).filter((entry) => entry.startsWith("assay-circom-"));
    const before = await left();
    const failure = await rejection(
      compileCircom(SQUARE.replace("x * x", "x * q"), { name: "mistaken" }),
      ToolchainError,
    );
    expect(failure.code).to.equal("CIRCOM_FAILED");
    expect(failure.retryable).to.equal(false);
    expect(failure.message).to.contain("Undeclared symbol").and.to.contain("mistaken.circom");
    expect((await left()).filter((entry) => !before.includes(entry))).to.deep.equal([]);
  });

  it("does not let the name of a circuit reach outside its folder", async () => {
    const failure = await rejection(compileCircom(SQUARE, { name: "../square" }), ToolchainError);
    expect(failure.code).to.equal("CIRCOM_FAILED");
  });

  it("says when a circuit is too large for the compiler, which is no fault of the circuit", async () => {
    const sum = Array.from({ length: 20_000 }, (_, index) => `${index + 1} * x`).join(" + ");
    const failure = await rejection(compileCircom(SQUARE.replace("y + 3", sum), { name: "endless" }), ToolchainError);
    expect(failure.code).to.equal("CIRCOM_EXHAUSTED");
    expect(failure.message).to.contain("endless").and.to.contain("4 GB");
  });
});
