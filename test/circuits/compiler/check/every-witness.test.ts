import { expect } from "chai";
import fc from "fast-check";

import {
  evaluate,
  findUndetermined,
  givenWires,
  type IntegerGraph,
  lower,
  type LoweredCircuit,
} from "../../../../circuits/compiler/index.ts";
import { FIELD_ORDER } from "../../../../circuits/format/interface-words.ts";
import type { Constraint, ConstraintSystem, Terms } from "../../../../circuits/format/r1cs.ts";
import { elementCount, elementRange } from "../../../../circuits/format/tensor.ts";
import { LAYER_GRAPHS } from "../graph/layer-graphs.ts";
import { everyWitness } from "./every-witness.ts";

const SEED = 77;
const RUNS = 80;

/** Every input that a graph of few bits can have. */
function everyInput({ inputs }: IntegerGraph): bigint[][] {
  const [spec] = inputs;
  if (spec === undefined) throw new RangeError("a graph has an input");
  const { min, max } = elementRange(spec);
  const values = Array.from({ length: Number(max - min) + 1 }, (_, at) => min + BigInt(at));
  let all: bigint[][] = [[]];
  for (let element = 0; element < elementCount(spec); element++)
    all = all.flatMap((start) => values.map((value) => [...start, value]));
  return all;
}

/** What an input fixes: the binding and its bits. */
function givenBy(circuit: LoweredCircuit, input: readonly bigint[]): { given: Map<number, bigint>; honest: bigint[] } {
  const { witness } = circuit.witness([input], 7n);
  return { given: new Map(givenWires(circuit.program).map((wire) => [wire, witness[wire] ?? 0n])), honest: witness };
}

describe("of a small circuit, every witness that there is", function () {
  this.timeout(60_000);

  for (const { name, graph } of LAYER_GRAPHS)
    it(`is the honest one: ${name}`, () => {
      const circuit = lower(graph);
      for (const input of everyInput(graph)) {
        const { given, honest } = givenBy(circuit, input);
        expect(circuit.witness([input], 7n).outputs).to.deep.equal(evaluate(graph, [input]));
        expect(everyWitness(circuit.system, given), input.join()).to.deep.equal([honest]);
      }
    });
});

const change = fc.record({
  row: fc.nat(),
  term: fc.nat(),
  wire: fc.nat(),
  way: fc.constantFrom("drop", "coefficient", "wire", "negate"),
  value: fc.constantFrom(0n, 1n, 2n, 3n, 4n, 8n, FIELD_ORDER - 1n, FIELD_ORDER - 2n, (FIELD_ORDER + 1n) / 2n),
});
type Change = typeof change extends fc.Arbitrary<infer Value> ? Value : never;

function changed(system: ConstraintSystem, { row, term, wire, way, value }: Change): ConstraintSystem {
  const at = row % system.constraints.length;
  if (way === "drop") return { ...system, constraints: system.constraints.filter((_, index) => index !== at) };
  const edit = (terms: Terms): Terms => {
    const chosen = term % Math.max(1, terms.length);
    const other = wire % system.wireCount;
    return canonical(
      terms.map(([from, factor], index) => {
        if (index !== chosen) return [from, factor];
        if (way === "wire") return [other, factor];
        return [from, way === "negate" ? FIELD_ORDER - factor : value];
      }),
    );
  };
  const constraints = system.constraints.map((each, index): Constraint => {
    if (index !== at) return each;
    return each.a.length > 0 && wire % 3 === 0 ? { ...each, a: edit(each.a) } : { ...each, c: edit(each.c) };
  });
  return { ...system, constraints };
}

function canonical(terms: Terms): Terms {
  const sums = new Map<number, bigint>();
  for (const [wire, factor] of terms) sums.set(wire, ((sums.get(wire) ?? 0n) + factor) % FIELD_ORDER);
  return [...sums].filter(([, factor]) => factor !== 0n).sort(([a], [b]) => a - b);
}

describe("the search for undetermined wires, of a circuit with damaged rows", function () {
  this.timeout(60_000);

  for (const { name, graph } of LAYER_GRAPHS)
    it(`does not miss a second witness: ${name}`, () => {
      const circuit = lower(graph);
      const inputs = everyInput(graph);
      const seen = { determined: 0, chosen: 0, second: 0 };
      fc.assert(
        fc.property(fc.array(change, { minLength: 1, maxLength: 2 }), fc.nat(), (changes, start) => {
          const system = changes.reduce(changed, circuit.system);
          const isDetermined = findUndetermined(system, givenWires(circuit.program)).length === 0;
          seen[isDetermined ? "determined" : "chosen"]++;
          if (!isDetermined && seen.second > 2) return;
          for (const step of isDetermined ? [0, 5, 11] : [0]) {
            const { given } = givenBy(circuit, inputs[(start + step) % inputs.length] ?? []);
            const found = everyWitness(system, given, 2, isDetermined ? 20_000 : 1000);
            if (found === "open" || found.length > 1) seen.second++;
            if (isDetermined && found !== "open") expect(found.length).to.be.lessThan(2);
          }
        }),
        { numRuns: RUNS, seed: SEED },
      );
      expect(seen.chosen).to.be.greaterThan(0);
      expect(seen.second).to.be.greaterThan(0);
    });
});
