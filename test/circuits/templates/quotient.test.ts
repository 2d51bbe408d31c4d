import { expect } from "chai";

import {
  findUndetermined,
  givenWires,
  type IntegerGraph,
  lower,
  symbolNames,
} from "../../../circuits/compiler/index.ts";
import { identityMatrix } from "../../../circuits/compiler/graph/matrix.ts";
import { violatedConstraints } from "../../../circuits/format/check-witness.ts";
import { FIELD_ORDER } from "../../../circuits/format/interface-words.ts";
import type { Constraint } from "../../../circuits/format/r1cs.ts";
import {
  compileInstance,
  expectEveryLieRefused,
  expectOnlyStoppedBy,
  type Instance,
  modulo,
} from "./cheating-prover.ts";

const quotient = (k: number): string => `main.layer1_quotient0[${k}]`;
const remainder = (k: number): string => `main.layer1_chunk0.remainder0[${k}]`;
const gap = (k: number): string => `main.layer1_chunk0.gap0[${k}]`;

/** All 8 bits of a number. */
const bitsOf = (name: (k: number) => string, value: number): Record<string, bigint> =>
  Object.fromEntries(Array.from({ length: 8 }, (_, k) => [name(k), BigInt((value >> k) & 1)]));
const quotientOf = (value: number): Record<string, bigint> => bitsOf(quotient, value + 128);

/** a in [-128, 127] by b + 129 in [1, 256]. */
const graph: IntegerGraph = {
  name: "quotient",
  inputs: [{ name: "x", kind: "int", bits: 8, decimals: 0, shape: [2] }],
  outputs: [{ name: "y", kind: "int", bits: 8, decimals: 0, shape: [1] }],
  layers: [
    { kind: "linear", inputs: [0], matrix: identityMatrix(2), bias: Float64Array.of(0, 129) },
    { kind: "quotient", inputs: [1, 1], left: Int32Array.of(0), right: Int32Array.of(1) },
  ],
  origins: [
    { nodes: [], ops: [], shape: [2] },
    { nodes: [], ops: [], shape: [1] },
  ],
  results: [2],
};

const inputOf = (a: number, b: number): bigint[] => [BigInt(a), BigInt(b - 129)];

describe("the rows of a quotient", function () {
  this.timeout(60_000);
  let instance: Instance;

  before(async () => {
    instance = await compileInstance(graph);
  });

  const answer = (witness: readonly bigint[]): number =>
    Array.from({ length: 8 }, (_, k) => Number(witness[instance.wire(quotient(k))] ?? 0n) << k).reduce(
      (sum, bit) => sum + bit,
      -128,
    );

  it("take the honest witness, rounding down", () => {
    for (const [a, b] of [
      [17, 5],
      [-17, 5],
      [15, 5],
      [-15, 5],
      [0, 1],
      [-128, 1],
      [127, 1],
      [-128, 256],
      [127, 256],
      [-1, 256],
    ] as const) {
      const witness = instance.prove(inputOf(a, b));
      expect(answer(witness), `${a} / ${b}`).to.equal(Math.floor(a / b));
      expect(violatedConstraints(instance.system, witness), `${a} / ${b}`).to.deep.equal([]);
    }
  });

  it("refuse a quotient that is one less, with a remainder as large as the divisor", () => {
    // 15 = 2 * 5 + 5, but 5 - 1 - 5 is negative.
    const forged = instance.prove(inputOf(15, 5), { ...quotientOf(2), ...bitsOf(remainder, 5) });
    expect(answer(forged)).to.equal(2);
    expectOnlyStoppedBy(instance, forged, gap(0));
  });

  it("refuse it also when a bit outside {0, 1} makes the gap right", () => {
    const lies = { ...quotientOf(2), ...bitsOf(remainder, 5), ...bitsOf(gap, 0), [gap(0)]: modulo(-1n) };
    expectOnlyStoppedBy(instance, instance.prove(inputOf(15, 5), lies), gap(0));
  });

  it("refuse a quotient that is one more, with a negative remainder", () => {
    // 17 = 4 * 5 - 3: a bit of -3 stands for it, and a gap of 7 fills up the rest.
    const lies = { ...quotientOf(4), ...bitsOf(remainder, 0), [remainder(0)]: modulo(-3n), ...bitsOf(gap, 7) };
    const forged = instance.prove(inputOf(17, 5), lies);
    expect(answer(forged)).to.equal(4);
    expectOnlyStoppedBy(instance, forged, remainder(0));
  });

  it("refuse a quotient and a remainder that do not make the dividend", () => {
    const forged = instance.prove(inputOf(17, 5), { ...quotientOf(3), ...bitsOf(remainder, 1), ...bitsOf(gap, 3) });
    expectOnlyStoppedBy(instance, forged, quotient(0));
  });

  it("refuse a quotient of the field", () => {
    // Twice a quotient of one half is the dividend, modulo the field's order.
    const half = (FIELD_ORDER + 1n) / 2n;
    const lies = {
      ...quotientOf(-128),
      [quotient(0)]: modulo(half + 128n),
      ...bitsOf(remainder, 0),
      ...bitsOf(gap, 1),
    };
    expectOnlyStoppedBy(instance, instance.prove(inputOf(1, 2), lies), quotient(0), "main.outputs_bits0[0]");
  });

  it("refuse every lie about one wire, however the rest follows", () => {
    for (const [a, b] of [
      [17, 5],
      [-17, 5],
      [0, 1],
      [127, 256],
      [-128, 1],
    ] as const)
      expectEveryLieRefused(instance, inputOf(a, b), [0n, 1n, 2n, modulo(-1n)]);
  });

  it("leave nothing to choose, unless one of them is missing", () => {
    const circuit = lower(graph);
    const { system } = circuit;
    const given = givenWires(circuit.program);
    const names = symbolNames(circuit);
    const named = (name: string) => {
      const wire = names.indexOf(name);
      return ({ a, b, c }: Constraint): boolean => [...a, ...b, ...c].some(([at]) => at === wire);
    };
    const isBoolean = ({ a, b }: Constraint): boolean => a.length === 1 && b.length === 1 && a[0]?.[0] === b[0]?.[0];
    expect(findUndetermined(system, given)).to.deep.equal([]);
    for (const [name, isIt] of [
      [gap(7), (row: Constraint) => !isBoolean(row)],
      [gap(7), isBoolean],
      [remainder(0), isBoolean],
      [quotient(0), isBoolean],
      [quotient(0), ({ a, b }: Constraint) => a.length > 1 && b.length > 1],
    ] as const) {
      const mentions = named(name);
      const constraints = system.constraints.filter((row) => !(mentions(row) && isIt(row)));
      expect(constraints, name).to.have.lengthOf(system.constraints.length - 1);
      const found = findUndetermined({ ...system, constraints }, given).map((wire) => names[wire]);
      for (const choice of [quotient(0), remainder(0), gap(0)]) expect(found, `without ${name}`).to.include(choice);
    }
  });
});
