import { expect } from "chai";

import { compile, type CompileReport, formatReport, lower } from "../../../../circuits/compiler/index.ts";
import { buildMlp } from "../build-onnx.ts";
import { OP_MODELS } from "../op-models.ts";

const options = { name: "reported", inputs: [{ kind: "uint" as const, bits: 8, decimals: 0 }] };

describe("the compile report", () => {
  const { report } = compile(buildMlp([6, 9, 4], 3), options);

  it("keeps its field names", () => {
    const parsed = JSON.parse(JSON.stringify(report)) as CompileReport;
    expect(parsed).to.deep.equal(report);
    expect(Object.keys(parsed)).to.have.members([
      "name",
      "inputs",
      "outputs",
      "nodes",
      "constraints",
      "estimated",
      "wires",
      "publicSignals",
      "domain",
      "headroom",
      "zkeyBytes",
      "proveSeconds",
      "proveMemoryBytes",
      "verifyGas",
      "levels",
      "quantization",
      "comparison",
      "warnings",
    ]);
    expect(parsed.quantization).to.have.all.keys("source", "samples", "agreement", "maxError", "reached");
    for (const node of parsed.nodes)
      expect(node).to.have.all.keys("node", "op", "shape", "constraints", "bits", "from");
    expect(parsed.levels).to.have.all.keys("vanilla", "tee", "zkml", "reason");
    for (const each of parsed.comparison) expect(each).to.have.all.keys("output", "label", "float", "integer");
  });

  it("counts the rows of the circuit, node by node", () => {
    for (const model of OP_MODELS) {
      const { graph, report: found } = compile(model.onnx, model.options);
      const { system } = lower(graph);
      expect(found.constraints, model.op).to.equal(system.constraints.length);
      expect(
        found.nodes.reduce((sum, { constraints }) => sum + constraints, 0),
        model.op,
      ).to.equal(found.constraints);
      expect(found.headroom, model.op).to.be.at.least(0);
      expect(found.constraints + found.publicSignals + 1 + found.headroom, model.op).to.equal(found.domain);
    }
  });

  it("says in words what a person decides by", () => {
    const text = formatReport(report);
    expect(text).to.match(/^domain +2\^\d+ = [\d,]+, headroom [\d,]+$/m);
    expect(text).to.match(/^proving key +about [\d.]+ MB$/m);
    expect(text).to.match(/^verification +about [\d,]+ gas$/m);
    expect(text).to.match(
      /^agreement +[\d.]+ % of labels, largest error [\d.]+ % of the range, on 512 drawn samples$/m,
    );
    expect(text).to.include("dense0").and.to.include("warning: no sample inputs were given");
    const sampleInputs = [[1, 2, 3, 4, 5, 6]];
    const given = formatReport(compile(buildMlp([6, 9, 4], 3), { ...options, sampleInputs }).report);
    expect(given).to.include("on 1 given samples").and.not.to.include("warning");
  });
});
