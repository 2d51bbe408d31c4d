import { expect } from "chai";

import { compile, findUndetermined, givenWires, lower, symbolNames } from "../../../../circuits/compiler/index.ts";
import { FIELD_ORDER } from "../../../../circuits/format/interface-words.ts";
import type { Constraint } from "../../../../circuits/format/r1cs.ts";
import { buildMlp } from "../build-onnx.ts";

describe("the rule for the bits of a hash", () => {
  const { graph } = compile(buildMlp([5, 4, 3], 7), {
    name: "committed",
    agreement: 0.5,
    visibility: { input: "committed", output: "public", weights: "constant" },
  });
  const circuit = lower(graph);
  const { system, program } = circuit;
  const names = symbolNames(circuit);
  const lowest = names.indexOf("main.input_commitment_1_bits0[0]");
  const gap = names.findIndex((name) => name.includes("input_commitment") && name.endsWith(".gap0[0]"));
  const highest = lowest + 253;
  const isComparison = ({ c }: Constraint): boolean =>
    [highest, gap].every((wire) => c.some(([each]) => each === wire));

  /** Undetermined wires if the comparison is another row. */
  const undetermined = (change: (row: Constraint) => readonly Constraint[]): readonly number[] => {
    const constraints = system.constraints.flatMap((row) => (isComparison(row) ? change(row) : [row]));
    return findUndetermined({ ...system, constraints }, givenWires(program));
  };
  const withTerm = ({ a, b, c }: Constraint, wire: number, coefficient: bigint): Constraint => {
    const others = c.filter(([each]) => each !== wire);
    const terms = coefficient === 0n ? others : [...others, [wire, coefficient] as const];
    return { a, b, c: terms.sort(([left], [right]) => left - right) };
  };
  const largest = (FIELD_ORDER >> 126n) - 1n;

  it("knows them by the comparison with the field's order", () => {
    expect(system.constraints.filter(isComparison)).to.have.lengthOf(1);
    expect(undetermined((row) => [row])).to.deep.equal([]);
  });

  it("does not know them without it", () => {
    expect(undetermined(() => [])).to.include(lowest);
  });

  it("does not know them if the highest bits may be the order's own, or higher", () => {
    expect(undetermined((row) => [withTerm(row, 0, FIELD_ORDER - largest)])).to.deep.equal([]);
    expect(undetermined((row) => [withTerm(row, 0, FIELD_ORDER - largest - 1n)])).to.include(lowest);
    expect(undetermined((row) => [withTerm(row, 0, largest)])).to.include(lowest);
  });

  it("does not know them if a bit is left out, weighs too little, or the gap can be negative", () => {
    expect(undetermined((row) => [withTerm(row, highest, 0n)])).to.include(lowest);
    expect(undetermined((row) => [withTerm(row, highest, 1n)])).to.include(lowest);
    expect(undetermined((row) => [withTerm(row, gap, FIELD_ORDER - 1n)])).to.include(lowest);
  });
});
