import { expect } from "chai";
import fc from "fast-check";

import {
  compile,
  CompileError,
  decodeGraph,
  encodeGraph,
  evaluate,
  findUndetermined,
  givenWires,
  lower,
} from "../../../circuits/compiler/index.ts";
import { evaluateValues } from "../../../circuits/compiler/graph/evaluate.ts";
import { inferRanges } from "../../../circuits/compiler/passes/infer-ranges.ts";
import { assertSatisfied } from "../../../circuits/format/check-witness.ts";
import { buildRandomMlp, mlpRecipes, type RandomMlp } from "./random-mlp.ts";

const SEED = 20260101;

function integersOf({ samples, options }: RandomMlp): bigint[][] {
  const decimals = options.inputs?.[0]?.decimals ?? 0;
  return samples.map((sample) => sample.map((real) => BigInt(Math.round(real * 10 ** decimals))));
}

function largestAt(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

describe("a random network", function () {
  this.timeout(60_000);

  it("has one answer in reference and witness, every wire determined and inside its interval", () => {
    fc.assert(
      fc.property(mlpRecipes, (recipe) => {
        const model = buildRandomMlp(recipe);
        const { graph } = compile(model.onnx, model.options);
        const circuit = lower(graph);
        const ranges = inferRanges(graph);
        const { kind, bits } = recipe.input;
        const least = kind === "int" ? -(1n << BigInt(bits - 1)) : 0n;
        const top = least + (1n << BigInt(bits)) - 1n;
        const ends = [least, top].map((end) => new Array<bigint>(recipe.inputs).fill(end));
        for (const input of [...ends, ...integersOf(model).slice(0, 4)]) {
          const { witness, outputs } = circuit.witness([input], 7n);
          expect(outputs).to.deep.equal(evaluate(graph, [input]));
          assertSatisfied(circuit.system, witness);
          for (const { terms, constant, range } of circuit.program.scalars) {
            const value = terms.reduce((sum, [wire, factor]) => sum + factor * (witness[wire] ?? 0n), constant);
            expect(value >= range.lo && value <= range.hi, `${value} in [${range.lo}, ${range.hi}]`).to.equal(true);
          }
          evaluateValues(graph, [input]).forEach((values, id) =>
            values.forEach((value, at) => {
              const range = ranges[id]?.[at];
              expect(range !== undefined && value >= range.lo && value <= range.hi, `value ${id}`).to.equal(true);
            }),
          );
        }
        expect(findUndetermined(circuit.system)).to.deep.equal([]);
        expect(findUndetermined(circuit.system, givenWires(circuit.program))).to.deep.equal([]);
      }),
      { numRuns: 150, seed: SEED },
    );
  });

  it("stays as close to the float model as its report says", () => {
    fc.assert(
      fc.property(mlpRecipes, (recipe) => {
        const model = buildRandomMlp(recipe);
        const { graph, report, outputs: specs } = compile(model.onnx, model.options);
        const floats = model.samples.map((sample) => model.infer(sample));
        const integers = integersOf(model).map((input) => (evaluate(graph, [input])[0] ?? []).map(Number));
        if (recipe.argmax) {
          const equal = floats.filter((values, at) => largestAt(values) === integers[at]?.[0]).length;
          expect(Math.abs(report.quantization.agreement - equal / floats.length) < 1e-9).to.equal(true);
          return;
        }
        const unit = 10 ** (specs[0]?.decimals ?? 0);
        const all = floats.flat().map((value) => value * unit);
        const range = Math.max(1, Math.max(...all) - Math.min(...all));
        const bound = 0.5 + report.quantization.maxError * range + 1e-6;
        floats.forEach((values, at) =>
          values.forEach((value, element) =>
            expect(Math.abs(value * unit - (integers[at]?.[element] ?? Infinity)) <= bound).to.equal(true),
          ),
        );
      }),
      { numRuns: 100, seed: SEED },
    );
  });

  it("is compiled to the same bytes twice, and read back from them", () => {
    fc.assert(
      fc.property(mlpRecipes, (recipe) => {
        const { onnx, options } = buildRandomMlp(recipe);
        const { graph } = compile(onnx, options);
        const bytes = encodeGraph(graph);
        expect(encodeGraph(compile(onnx, options).graph)).to.deep.equal(bytes);
        expect(decodeGraph(bytes)).to.deep.equal(graph);
      }),
      { numRuns: 40, seed: SEED },
    );
  });

  it("is refused as GRAPH_INVALID, or still has a circuit, when its bytes are damaged", () => {
    const { onnx, options } = buildRandomMlp(fc.sample(mlpRecipes, { numRuns: 1, seed: SEED })[0] ?? unreachable());
    const bytes = encodeGraph(compile(onnx, options).graph);
    let refused = 0;
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, flip, cut) => {
        const damaged = cut ? bytes.slice(0, at) : bytes.map((byte, index) => (index === at ? byte ^ flip : byte));
        let graph;
        try {
          graph = decodeGraph(damaged);
        } catch (error) {
          if (!(error instanceof CompileError)) throw error;
          expect(error.code).to.equal("GRAPH_INVALID");
          refused++;
          return;
        }
        expect(cut).to.equal(false);
        expect(() => lower(graph)).to.not.throw();
      }),
      { numRuns: 400, seed: SEED },
    );
    expect(refused).to.be.greaterThan(200);
  });
});

function unreachable(): never {
  throw new Error("fast-check gave no sample");
}
