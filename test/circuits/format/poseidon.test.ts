import { expect } from "chai";
import { buildPoseidon } from "circomlibjs";
import fc from "fast-check";

import { FIELD_ORDER } from "../../../circuits/format/interface-words.ts";
import { poseidon } from "../../../circuits/format/poseidon.ts";
import { poseidonParameters } from "../../../circuits/format/poseidon-parameters.ts";

const element = fc.bigInt({ min: 0n, max: FIELD_ORDER - 1n });

describe("Poseidon", () => {
  it("equals circomlib's for 1 to 16 inputs", async () => {
    const theirs = await buildPoseidon();
    for (let count = 1; count <= 16; count++) {
      const edges = [0n, 1n, FIELD_ORDER - 1n].map((value) => Array.from({ length: count }, () => value));
      const drawn = fc.sample(fc.array(element, { minLength: count, maxLength: count }), { numRuns: 2, seed: count });
      for (const inputs of [...edges, ...drawn])
        for (const capacity of [0n, 5n])
          expect(poseidon(inputs, capacity), inputs.join()).to.equal(theirs.F.toObject(theirs(inputs, capacity)));
    }
  });

  it("takes no other inputs", () => {
    expect(() => poseidon([FIELD_ORDER])).to.throw(RangeError);
    expect(() => poseidon([-1n])).to.throw(RangeError);
    expect(() => poseidon([])).to.throw(RangeError);
    expect(() => poseidon(Array.from({ length: 17 }, () => 0n))).to.throw(RangeError);
  });

  it("computes its parameters once", () => {
    expect(poseidonParameters(3)).to.equal(poseidonParameters(3));
  });
});
