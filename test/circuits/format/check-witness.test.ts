import { expect } from "chai";

import { assertSatisfied, violatedConstraints, WitnessError } from "../../../circuits/format/check-witness.ts";
import { FIELD_ORDER } from "../../../circuits/format/interface-words.ts";
import type { ConstraintSystem } from "../../../circuits/format/r1cs.ts";

/** y = x^2, and the linear row y - z - 3 = 0. */
const system: ConstraintSystem = {
  wireCount: 4,
  publicCount: 1,
  constraints: [
    { a: [[2, 1n]], b: [[2, 1n]], c: [[1, 1n]] },
    {
      a: [],
      b: [],
      c: [
        [0, FIELD_ORDER - 3n],
        [1, 1n],
        [3, FIELD_ORDER - 1n],
      ],
    },
  ],
};

describe("a witness", () => {
  it("satisfies a system when every row holds", () => {
    expect(violatedConstraints(system, [1n, 25n, 5n, 22n])).to.deep.equal([]);
    expect(violatedConstraints(system, [1n, 1n, FIELD_ORDER - 1n, FIELD_ORDER - 2n])).to.deep.equal([]);
    assertSatisfied(system, [1n, 25n, 5n, 22n]);
  });

  it("is told which rows it violates, linear rows among them", () => {
    expect(violatedConstraints(system, [1n, 25n, 5n, 21n])).to.deep.equal([1]);
    expect(violatedConstraints(system, [1n, 25n, 6n, 22n])).to.deep.equal([0]);
    expect(() => assertSatisfied(system, [1n, 26n, 5n, 22n]))
      .to.throw(WitnessError, "violates 2 of 2 constraints: 0, 1")
      .with.property("code", "WITNESS_UNSATISFIED");
  });

  it("must have a value for every wire and no other", () => {
    expect(() => violatedConstraints(system, [1n, 25n, 5n]))
      .to.throw()
      .with.property("code", "WITNESS_LENGTH");
    expect(() => violatedConstraints(system, [1n, 25n, 5n, 22n, 0n]))
      .to.throw()
      .with.property("code", "WITNESS_LENGTH");
  });

  it("must be canonical, so that no second encoding of a value passes", () => {
    for (const forged of [
      [1n, 25n, 5n + FIELD_ORDER, 22n],
      [1n, 25n, 5n - FIELD_ORDER, 22n],
      [2n, 25n, 5n, 22n],
      [0n, 0n, 0n, 0n],
    ])
      expect(() => violatedConstraints(system, forged))
        .to.throw()
        .with.property("code", "WITNESS_VALUE");
  });
});
