import { expect } from "chai";
import fc from "fast-check";

import {
  compareSystems,
  compile,
  decodeGraph,
  emitCircom,
  encodeGraph,
  evaluate,
  findUndetermined,
  givenWires,
  lower,
  symbolNames,
} from "../../../circuits/compiler/index.ts";
import { assertSatisfied } from "../../../circuits/format/check-witness.ts";
import { interfaceWords } from "../../../circuits/format/interface-words.ts";
import { elementCount, elementRange, packTensors } from "../../../circuits/format/tensor.ts";
import { compileCircom } from "../../../circuits/toolchain/index.ts";
import type { NamedTensorSpec } from "../../../circuits/format/manifest.ts";
import { OP_MODELS } from "./op-models.ts";

function inputsFor(specs: readonly NamedTensorSpec[]): fc.Arbitrary<bigint[][]> {
  return fc.tuple(
    ...specs.map((spec) => {
      const count = elementCount(spec);
      return fc.array(fc.bigInt(elementRange(spec)), { minLength: count, maxLength: count });
    }),
  );
}

for (const { op, onnx, options } of OP_MODELS)
  describe(`a model with ${op}`, function () {
    this.timeout(60_000);
    const { graph } = compile(onnx, options);
    const circuit = lower(graph);

    it("has one answer in reference, witness and public words", () => {
      fc.assert(
        fc.property(inputsFor(graph.inputs), fc.bigInt({ min: 0n, max: (1n << 248n) - 1n }), (inputs, binding) => {
          const { witness, outputs, publicSignals } = circuit.witness(inputs, binding);
          expect(outputs).to.deep.equal(evaluate(graph, inputs));
          assertSatisfied(circuit.system, witness);
          const words = interfaceWords(packTensors(graph.inputs, inputs), packTensors(graph.outputs, outputs));
          expect(publicSignals).to.deep.equal([binding, ...words]);
        }),
        { numRuns: 25 },
      );
    });

    it("is the same circuit when Circom compiles its source", async () => {
      const { system, symbols } = await compileCircom(emitCircom(circuit), { name: "op" });
      const wireMap = symbolNames(circuit).map((name) => symbols.get(name) ?? -1);
      expect(compareSystems(circuit.system, system, wireMap)).to.deep.equal([]);
    });

    it("leaves no wire to the prover's choice", () => {
      expect(findUndetermined(circuit.system)).to.deep.equal([]);
      expect(findUndetermined(circuit.system, givenWires(circuit.program))).to.deep.equal([]);
    });

    it("survives encoding", () => {
      const bytes = encodeGraph(graph);
      const decoded = decodeGraph(bytes);
      expect(encodeGraph(decoded)).to.deep.equal(bytes);
      expect(lower(decoded).system).to.deep.equal(circuit.system);
    });
  });
