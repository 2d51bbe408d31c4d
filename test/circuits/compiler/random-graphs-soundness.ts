import { expect } from "chai";

import {
  decodeGraph,
  encodeGraph,
  evaluate,
  findUndetermined,
  givenWires,
  type IntegerGraph,
  lower,
  type LoweredCircuit,
} from "../../../circuits/compiler/index.ts";
import { evaluateValues } from "../../../circuits/compiler/graph/evaluate.ts";
import { inferRanges } from "../../../circuits/compiler/passes/infer-ranges.ts";
import { assertSatisfied } from "../../../circuits/format/check-witness.ts";
import { FIELD_ORDER } from "../../../circuits/format/interface-words.ts";
import { writeR1cs } from "../../../circuits/toolchain/index.ts";

/** For each tensor, its integers. */
export type Integers = readonly (readonly bigint[])[];

const BINDING = 7n;

/**
 * What every circuit must be, whatever model it came from. On each input: reference and witness have one answer, every row
 * holds, every value and every scalar lies in its proven interval. Besides: no wire is left to the prover's choice, and
 * the stored graph has the same rows.
 */
export function expectSound(graph: IntegerGraph, inputs: readonly Integers[]): LoweredCircuit {
  const circuit = lower(graph);
  const { program, system } = circuit;
  const ranges = inferRanges(graph);
  for (const input of inputs) {
    const { witness, outputs } = circuit.witness(input, BINDING);
    expect(outputs, "the witness's outputs").to.deep.equal(evaluate(graph, input));
    assertSatisfied(system, witness);
    program.scalars.forEach(({ terms, constant, range }, id) => {
      const value = centered(terms.reduce((sum, [wire, factor]) => sum + factor * (witness[wire] ?? 0n), constant));
      if (value < range.lo || value > range.hi)
        expect.fail(`scalar ${id} is ${value}, outside [${range.lo}, ${range.hi}]`);
    });
    evaluateValues(graph, input).forEach((values, id) =>
      values.forEach((value, at) => {
        const range = ranges[id]?.[at];
        if (range === undefined || value < range.lo || value > range.hi)
          expect.fail(`value ${id}[${at}] is ${value}, outside [${range?.lo}, ${range?.hi}]`);
      }),
    );
  }
  expect(findUndetermined(system), "undetermined by the public words").to.deep.equal([]);
  expect(findUndetermined(system, givenWires(program)), "undetermined by the inputs").to.deep.equal([]);
  const stored = lower(decodeGraph(encodeGraph(graph))).system;
  expect(Buffer.compare(writeR1cs(system), writeR1cs(stored)), "rows of the stored graph").to.equal(0);
  return circuit;
}

/** The integer nearest to zero that a field element stands for. */
function centered(value: bigint): bigint {
  const residue = ((value % FIELD_ORDER) + FIELD_ORDER) % FIELD_ORDER;
  return 2n * residue > FIELD_ORDER ? residue - FIELD_ORDER : residue;
}
