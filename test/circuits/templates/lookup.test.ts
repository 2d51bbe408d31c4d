import { expect } from "chai";

import { violatedConstraints } from "../../../circuits/format/check-witness.ts";
import { compileInstance, expectEveryLieRefused, type Instance, modulo, oneLayer } from "./cheating-prover.ts";

/** No line anywhere: nothing is cheaper than a list. */
const scrambled = (z: number): number => (37 * z * z + 11 * z) & 127;

/** z in [-8, 7], each with a value of its own. */
describe("a table that is looked up by bits", function () {
  this.timeout(30_000);
  let instance: Instance;

  before(async () => {
    const starts = Array.from({ length: 16 }, (_, at) => at - 8);
    const layer = {
      kind: "piecewise",
      inputs: [0],
      size: 1,
      shift: 0,
      starts,
      end: 7,
      values: starts.map(scrambled),
      slopes: starts.map(() => 0),
    } as const;
    instance = await compileInstance(
      oneLayer(layer, { kind: "int", bits: 4, size: 1 }, { kind: "uint", bits: 8, size: 1 }),
    );
  });

  it("gives every value", () => {
    for (let z = -8; z < 8; z++) {
      const witness = instance.prove([BigInt(z)]);
      const word = witness[instance.wire("main.words[0]")] ?? 0n;
      expect((word >> 232n) & 255n, `at ${z}`).to.equal(BigInt.asUintN(8, BigInt(scrambled(z))));
      expect(violatedConstraints(instance.system, witness), `at ${z}`).to.deep.equal([]);
    }
  });

  it("refuses every lie about one wire, however the rest follows", () => {
    for (const z of [-8n, -1n, 0n, 5n, 7n]) expectEveryLieRefused(instance, [z], [0n, 1n, 2n, 77n, modulo(-1n)]);
  });
});

/** max(a, b) of two numbers of four bits: a relu on the difference, with b as its base. */
describe("the larger of two", function () {
  this.timeout(30_000);
  let instance: Instance;

  before(async () => {
    const layer = { kind: "max", inputs: [0], outer: 1, classes: 2, inner: 1 } as const;
    instance = await compileInstance(
      oneLayer(layer, { kind: "int", bits: 4, size: 2 }, { kind: "int", bits: 8, size: 1 }),
    );
  });

  it("is the honest answer for every pair", () => {
    for (let a = -8n; a < 8n; a++)
      for (let b = -8n; b < 8n; b++) {
        const witness = instance.prove([a, b]);
        expect(witness[instance.wire("main.layer0[0]")]).to.equal(modulo(a > b ? a : b));
        expect(violatedConstraints(instance.system, witness)).to.deep.equal([]);
      }
  });

  it("cannot be the smaller one, or anything else", () => {
    for (const [a, b] of [
      [3n, 5n],
      [5n, 3n],
      [-8n, 7n],
      [-2n, -2n],
    ] as const) {
      for (const lie of [a, b, a - 1n, 8n, 0n]) {
        if (lie === (a > b ? a : b)) continue;
        const forged = instance.prove([a, b], { "main.layer0[0]": modulo(lie) });
        expect(violatedConstraints(instance.system, forged)).to.not.be.empty;
      }
      expectEveryLieRefused(instance, [a, b], [0n, 1n, 2n, modulo(-1n)]);
    }
  });
});

/** a * b, and a one-hot of a number. */
describe("products and one-hots", function () {
  this.timeout(30_000);

  it("refuse every product but the right one", async () => {
    const layer = {
      kind: "product",
      inputs: [0, 0],
      left: Int32Array.of(0, 0),
      right: Int32Array.of(1, 0),
    } as const;
    const instance = await compileInstance(
      oneLayer(layer, { kind: "int", bits: 4, size: 2 }, { kind: "int", bits: 8, size: 2 }),
    );
    for (const z of [
      [3n, -5n],
      [0n, 7n],
      [-8n, -8n],
    ]) {
      expect(violatedConstraints(instance.system, instance.prove(z))).to.deep.equal([]);
      expectEveryLieRefused(instance, z, [0n, 1n, 2n, modulo(-1n), 15n, 64n]);
    }
  });

  it("refuse every one-hot but the right one", async () => {
    const layer = { kind: "onehot", inputs: [0], size: 1, count: 16 } as const;
    const instance = await compileInstance(
      oneLayer(layer, { kind: "uint", bits: 4, size: 1 }, { kind: "uint", bits: 1, size: 16 }),
    );
    for (let z = 0n; z < 16n; z++) {
      const witness = instance.prove([z]);
      expect(violatedConstraints(instance.system, witness)).to.deep.equal([]);
      expectEveryLieRefused(instance, [z], [0n, 1n, 2n, modulo(-1n)]);
    }
  });
});
