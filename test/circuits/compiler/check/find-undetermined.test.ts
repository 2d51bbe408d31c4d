import { expect } from "chai";

import { compile, findUndetermined, givenWires, lower } from "../../../../circuits/compiler/index.ts";
import { FIELD_ORDER } from "../../../../circuits/format/interface-words.ts";
import type { Constraint, ConstraintSystem, Terms } from "../../../../circuits/format/r1cs.ts";
import { buildMlp } from "../build-onnx.ts";
import { OP_MODELS } from "../op-models.ts";

const minus = (coefficient: bigint): bigint => FIELD_ORDER - coefficient;
const boolean = (wire: number): Constraint => ({ a: [[wire, 1n]], b: [[wire, 1n]], c: [[wire, 1n]] });
const zero = (c: Terms): Constraint => ({ a: [], b: [], c });

/** Wire 1 is public, the others are private. */
function undetermined(wireCount: number, ...constraints: Constraint[]): number[] {
  return findUndetermined({ wireCount, publicCount: 1, constraints });
}

describe("the search for wires that a prover could choose", () => {
  it("names a wire that no row mentions and one that is only boolean", () => {
    expect(undetermined(3)).to.deep.equal([2]);
    expect(undetermined(3, boolean(2))).to.deep.equal([2]);
  });

  it("takes digits for determined, but not equal weights, gaps of a missing boolean, or an overflow of the field", () => {
    const bits = [boolean(2), boolean(3)];
    const sum = (low: bigint, high: bigint): Constraint =>
      zero([
        [1, minus(1n)],
        [2, low],
        [3, high],
      ]);
    expect(undetermined(4, ...bits, sum(1n, 2n))).to.deep.equal([]);
    expect(undetermined(4, ...bits, sum(3n, 6n))).to.deep.equal([]);
    expect(undetermined(4, ...bits, sum(1n, 1n))).to.deep.equal([2, 3]);
    expect(undetermined(4, boolean(2), sum(1n, 2n))).to.deep.equal([2, 3]);
    const wide = Array.from({ length: 254 }, (_, k) => k + 2);
    const digits = wide.map((wire) => [wire, (1n << BigInt(wire - 2)) % FIELD_ORDER] as const);
    expect(undetermined(256, ...wide.map(boolean), zero([[1, minus(1n)], ...digits]))).to.deep.equal(wide);
  });

  it("follows a product whose factors are known, and no other", () => {
    const product: Constraint = { a: [[1, 1n]], b: [[1, 1n]], c: [[2, 1n]] };
    expect(undetermined(3, product)).to.deep.equal([]);
    expect(undetermined(3, { a: [[1, 1n]], b: [[2, 1n]], c: [[1, 1n]] })).to.deep.equal([2]);
  });

  it("names a wire whichever row of a network is missing", () => {
    const { system } = lower(
      compile(buildMlp([3, 4, 3], 3), { name: "rows", inputs: [{ kind: "uint", bits: 4, decimals: 0 }] }).graph,
    );
    expect(findUndetermined(system)).to.deep.equal([]);
    system.constraints.forEach(
      (_, row) => expect(findUndetermined(without(system, row)), `row ${row}`).to.not.be.empty,
    );
  });

  it("names a wire whichever row of a clip or of signed outputs is missing", () => {
    for (const { op, onnx, options } of OP_MODELS.filter((model) => /Clip with two|signed logits/.test(model.op))) {
      const { system, program } = lower(compile(onnx, options).graph);
      const given = givenWires(program);
      expect(findUndetermined(system, given)).to.deep.equal([]);
      system.constraints.forEach((_, row) => {
        const rest = without(system, row);
        expect([...findUndetermined(rest), ...findUndetermined(rest, given)], `${op}, row ${row}`).to.not.be.empty;
      });
    }
  });

  it("does not take an argmax on trust whose gaps could be negative", () => {
    // Two classes, 0 and 1. Wire 1 is public, and idle. Winners 2 and 3, the largest number 4, gaps of two bits: 5 and 6, 7 and 8.
    const argmax = (high: bigint): Constraint[] => {
      const gap = (first: number): Terms => [
        [first, 1n],
        [first + 1, high],
      ];
      const less = (terms: Terms): Terms => terms.map(([wire, coefficient]) => [wire, minus(coefficient)]);
      return [
        ...[2, 3, 5, 6, 7, 8].map(boolean),
        zero([
          [0, minus(1n)],
          [2, 1n],
          [3, 1n],
        ]),
        zero([[3, minus(1n)], [4, 1n], ...less(gap(5))]),
        zero([[0, minus(1n)], [4, 1n], ...less(gap(7))]),
        { a: [[2, 1n]], b: gap(5), c: [] },
        { a: [[3, 1n]], b: gap(7), c: [] },
      ];
    };
    const settled = undetermined(9, ...argmax(2n));
    const negative = undetermined(9, ...argmax(minus(2n)));
    expect(negative).to.deep.equal([2, 3, 4, 5, 6, 7, 8]);
    expect(settled).to.deep.equal([]);
  });
});

function without(system: ConstraintSystem, row: number): ConstraintSystem {
  return { ...system, constraints: system.constraints.filter((_, index) => index !== row) };
}
