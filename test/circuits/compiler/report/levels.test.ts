import { expect } from "chai";

import { assertProvable, compile, CompileError, formatReport } from "../../../../circuits/compiler/index.ts";
import { levelsOf, levelsText } from "../../../../circuits/compiler/report/levels.ts";
import { domainSize, proveSeconds } from "../../../../circuits/compiler/report/proving-cost.ts";
import { buildMlp, buildOnnx } from "../build-onnx.ts";

function failure(run: () => unknown): CompileError {
  try {
    run();
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("what a model's size allows", () => {
  const mlp = buildMlp([6, 9, 4], 3);
  const bytes = { name: "mlp", inputs: [{ kind: "uint" as const, bits: 8, decimals: 0 }] };

  it("is every level for a small model", () => {
    const { report } = compile(mlp, bytes);
    expect(report.levels).to.deep.equal({ vanilla: true, tee: true, zkml: true, reason: null });
    expect(formatReport(report)).to.match(/^levels +Vanilla, Tee and Zkml$/m);
    expect(formatReport(report)).to.match(/^proof +about 0\.\d\d s and \d+ MB: an estimate for /m);
    assertProvable(report);
  });

  it("is no proof beyond a domain of 2^22, 16 GB, or the gas of a transaction", () => {
    const cost = { constraints: 1, domain: 2, proveSeconds: 1, proveMemoryBytes: 1e9, verifyGas: 3e5 };
    expect(levelsOf({ ...cost, domain: 2 ** 22 }).zkml).to.equal(true);
    expect(levelsText(levelsOf({ ...cost, domain: 2 ** 23 }))).to.match(/^Vanilla and Tee; Zkml not, because .*2\^23/);
    expect(levelsOf({ ...cost, proveMemoryBytes: 17e9 }).reason).to.include("17 GB");
    expect(levelsOf({ ...cost, verifyGas: 17e6 }).reason).to.include("17,000,000 gas");
  });

  it("expects what was measured: 0.20 s at 3,468 constraints, 0.32 s at 7,763 and 1.14 s at 31,981", () => {
    for (const [constraints, publicSignals, seconds] of [
      [3468, 6, 0.198],
      [7763, 27, 0.323],
      [31981, 1, 1.142],
    ] as const)
      // prettier-ignore
      expect(Math.abs(proveSeconds(domainSize(constraints, publicSignals)) / seconds - 1) < 0.1, String(constraints)).to
        .equal(true);
  });

  it("is an error when more constraints are needed than allowed, which says how many and where", () => {
    const { report } = compile(mlp, bytes);
    compile(mlp, { ...bytes, maxConstraints: report.constraints });
    const refused = failure(() => compile(mlp, { ...bytes, maxConstraints: report.constraints - 1 }));
    expect(refused.code).to.equal("MODEL_TOO_LARGE");
    expect(refused.diagnostics.map(({ code }) => code)).to.deep.equal(["MODEL_TOO_LARGE"]);
    const largest = Math.max(...report.nodes.map(({ constraints }) => constraints));
    expect(refused.message)
      .to.include(`takes ${report.constraints} constraints`)
      .and.include(`${largest} (`)
      .and.match(/bits/);
    for (const maxConstraints of [0, -1, 1.5, NaN])
      expect(failure(() => compile(mlp, { ...bytes, maxConstraints })).diagnostics[0]?.code).to.equal("OPTION_INVALID");
  });

  it("is told of a model that is too big to build a circuit for, with what dominates", () => {
    const size = 66_000;
    const onnx = buildOnnx({
      inputs: [{ name: "x", shape: [1, size] }],
      outputs: ["z"],
      constants: [{ name: "w", shape: [size, 2], values: Array.from({ length: 2 * size }, (_, at) => (at % 3) - 1) }],
      nodes: [
        { op: "MatMul", name: "sum", inputs: ["x", "w"], outputs: ["s"] },
        { op: "ArgMax", inputs: ["s"], outputs: ["z"], attributes: { axis: 1 } },
      ],
    });
    const sample = Array.from({ length: size }, (_, at) => at % 7);
    const { report } = compile(onnx, {
      name: "big",
      inputs: [{ kind: "uint", bits: 64, decimals: 0 }],
      sampleInputs: [sample, sample.map((value) => value + 1)],
    });
    expect(report.estimated).to.equal(true);
    expect(report.constraints).to.be.greaterThan(64 * size);
    expect(report.levels).to.include({ vanilla: true, tee: true, zkml: false });
    expect(report.warnings.join())
      .to.include("inputs 4,224,000 (100 %)")
      .and.include("fewer bits for each input element");
    expect(formatReport(report)).to.match(/^levels +Vanilla and Tee; Zkml not, because .*2\^23/m);
    expect(failure(() => assertProvable(report)).code).to.equal("MODEL_TOO_LARGE");
  });
});
