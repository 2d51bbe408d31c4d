import { expect } from "chai";

import {
  compile,
  findUndetermined,
  givenWires,
  type IntegerGraph,
  lower,
} from "../../../../circuits/compiler/index.ts";
import { identityMatrix } from "../../../../circuits/compiler/graph/matrix.ts";
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

describe("the search for wires that a prover could choose among intervals", () => {
  // Wires 3 to 5 say which interval wire 2 lies in, which is the sum of wire 1's bits 6 to 8; wires 9 to 11 and 12 to 14 are
  // how far it is above the start and below the end.
  const bits = (first: number, sign: 1n | -1n): Terms =>
    [0, 1, 2].map((k) => [first + k, sign === 1n ? 1n << BigInt(k) : minus(1n << BigInt(k))] as const);
  const signed = (value: bigint): bigint => (value < 0n ? FIELD_ORDER + value : value);
  const rows = (starts: readonly bigint[], ends: readonly bigint[]): Record<string, Constraint> => ({
    ...Object.fromEntries([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14].map((wire) => [`bit ${wire}`, boolean(wire)])),
    input: zero([[1, minus(1n)], ...bits(6, 1n)]),
    sum: zero([[0, minus(1n)], ...[3, 4, 5].map((wire) => [wire, 1n] as const)]),
    lower: zero([
      [2, 1n],
      ...starts.flatMap((start, at) => (start === 0n ? [] : [[3 + at, signed(-start)] as const])),
      ...bits(9, -1n),
    ]),
    upper: zero([
      [2, minus(1n)],
      ...ends.flatMap((end, at) => (end === 0n ? [] : [[3 + at, signed(end)] as const])),
      ...bits(12, -1n),
    ]),
    copy: zero([[2, minus(1n)], ...bits(6, 1n)]),
  });
  const search = (system: Record<string, Constraint>): number[] => undetermined(15, ...Object.values(system));
  const choice = [3, 4, 5, 9, 10, 11, 12, 13, 14];

  it("takes neighbouring intervals for a choice that is made, also when they are negative or leave gaps", () => {
    expect(search(rows([0n, 2n, 5n], [1n, 4n, 7n]))).to.deep.equal([]);
    expect(search(rows([-4n, 2n, 6n], [0n, 4n, 7n]))).to.deep.equal([]);
    expect(search(rows([5n, 0n, 2n], [7n, 1n, 4n]))).to.deep.equal([]);
  });

  it("names the choice and the distances when two intervals share an integer", () => {
    expect(search(rows([0n, 2n, 4n], [1n, 4n, 7n]))).to.deep.equal(choice);
    expect(search(rows([0n, 0n, 5n], [7n, 4n, 7n]))).to.deep.equal(choice);
  });

  it("names wires whichever row is missing", () => {
    const all = rows([0n, 2n, 5n], [1n, 4n, 7n]);
    for (const name of Object.keys(all)) {
      const rest = Object.fromEntries(Object.entries(all).filter(([other]) => other !== name));
      expect(search(rest), name).to.not.be.empty;
    }
  });

  it("names wires when a distance may be negative", () => {
    const all = rows([0n, 2n, 5n], [1n, 4n, 7n]);
    const lower = zero((all["lower"]?.c ?? []).map(([wire, factor]) => [wire, wire === 11 ? 4n : factor]));
    expect(search({ ...all, lower })).to.include.members(choice);
  });

  it("names wires when the ends belong to another number", () => {
    const all = rows([0n, 2n, 5n], [1n, 4n, 7n]);
    const upper = zero((all["upper"]?.c ?? []).map(([wire, factor]) => [wire, wire === 2 ? minus(2n) : factor]));
    expect(search({ ...all, upper })).to.include.members(choice);
  });

  it("names wires when intervals are as long as the field", () => {
    const far = FIELD_ORDER / 2n - 1n;
    expect(search(rows([0n, 2n, 5n], [1n, 4n, far]))).to.include.members([3, 4, 5]);
  });

  it("follows a table and a comparison in a chain of layers, and names wires whichever row is missing", () => {
    const { system, program } = lower(STEPS);
    expect(findUndetermined(system)).to.deep.equal([]);
    expect(findUndetermined(system, givenWires(program))).to.deep.equal([]);
    system.constraints.forEach((_, row) => {
      const rest = without(system, row);
      expect([...findUndetermined(rest), ...findUndetermined(rest, givenWires(program))], `row ${row}`).to.not.be.empty;
    });
  });

  it("takes a time that grows with the system and not with its square", () => {
    // A chain of squares, written backwards: a pass over all rows would follow one link.
    const links = 60_000;
    const constraints = Array.from({ length: links }, (_, at): Constraint => {
      const wire = links - at;
      return { a: [[wire, 1n]], b: [[wire, 1n]], c: [[wire + 1, 1n]] };
    });
    const started = process.cpuUsage();
    expect(findUndetermined({ wireCount: links + 2, publicCount: 1, constraints })).to.deep.equal([]);
    expect(process.cpuUsage(started).user).to.be.below(4_000_000);
  });
});

/** x, a table of five pieces, and whether the result is at least 3. */
const STEPS: IntegerGraph = {
  name: "steps",
  inputs: [{ name: "x", kind: "int", bits: 4, decimals: 0, shape: [2] }],
  outputs: [{ name: "y", kind: "uint", bits: 8, decimals: 0, shape: [2] }],
  layers: [
    {
      kind: "piecewise",
      inputs: [0],
      size: 2,
      shift: 1,
      starts: [-7, -3, 0, 1, 4],
      end: 6,
      values: [0, 4, 7, 8, 20],
      slopes: [1, 1, 0, 4, -3],
    },
    { kind: "linear", inputs: [1], matrix: identityMatrix(2, 1), bias: Float64Array.of(-3, -3) },
    { kind: "step", inputs: [2], size: 2 },
  ],
  origins: [1, 2, 3].map(() => ({ nodes: [], ops: [], shape: [2] })),
  results: [3],
};

function without(system: ConstraintSystem, row: number): ConstraintSystem {
  return { ...system, constraints: system.constraints.filter((_, index) => index !== row) };
}
