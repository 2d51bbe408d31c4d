import { expect } from "chai";

import { violatedConstraints } from "../../../circuits/format/check-witness.ts";
import {
  compileInstance,
  expectEveryLieRefused,
  expectOnlyStoppedBy,
  type Instance,
  modulo,
  oneLayer,
} from "./cheating-prover.ts";

/** What is above the lower end, and what of it exceeds the upper end. */
const above = "main.layer0[0]";
const excess = "main.layer0_1[0]";
const aboveBit = (k: number): string => `main.layer0_chunk0.bits0[${k}]`;
const excessBit = (k: number): string => `main.layer0_1_chunk0.bits0[${k}]`;

/** z in [-128, 127], to [-3, 5]: max(0, z + 3) - 3, less max(0, that - 5). */
describe("the two relus of a clip", function () {
  this.timeout(30_000);
  let instance: Instance;

  before(async () => {
    const layer = { kind: "clip", inputs: [0], size: 1, shift: 0, min: -3, max: 5 } as const;
    instance = await compileInstance(
      oneLayer(layer, { kind: "int", bits: 8, size: 1 }, { kind: "int", bits: 8, size: 1 }),
    );
  });

  const answer = (witness: readonly bigint[]): bigint =>
    modulo((witness[instance.wire(above)] ?? 0n) - 3n - (witness[instance.wire(excess)] ?? 0n));

  it("take every honest witness", () => {
    for (let z = -128n; z < 128n; z++) {
      const witness = instance.prove([z]);
      expect(answer(witness)).to.equal(modulo(z < -3n ? -3n : z > 5n ? 5n : z));
      expect(violatedConstraints(instance.system, witness), String(z)).to.deep.equal([]);
    }
  });

  it("refuse an answer above the upper end", () => {
    const forged = instance.prove([9n], { [excess]: 0n });
    expect(answer(forged)).to.equal(9n);
    expectOnlyStoppedBy(instance, forged, excess);
  });

  it("refuse an answer above the upper end whose sign bit is cleared", () => {
    expectOnlyStoppedBy(instance, instance.prove([9n], { [excessBit(7)]: 0n, [excess]: 0n }), excessBit(7));
    // 9 - 5 + 128 = 0b10000100: bit 6 takes over twice its weight.
    const forged = instance.prove([9n], { [excessBit(7)]: 0n, [excessBit(6)]: 2n });
    expect(answer(forged)).to.equal(9n);
    expectOnlyStoppedBy(instance, forged, excessBit(6));
  });

  it("refuse an answer below the lower end", () => {
    const forged = instance.prove([-9n], { [above]: modulo(-6n), [excess]: 0n });
    expect(answer(forged)).to.equal(modulo(-9n));
    expectOnlyStoppedBy(instance, forged, above);
  });

  it("refuse a number below the lower end that is passed off as above it", () => {
    const zeros = Object.fromEntries(Array.from({ length: 8 }, (_, k) => [aboveBit(k), 0n]));
    const forged = instance.prove([-9n], { ...zeros, [aboveBit(1)]: 1n, [aboveBit(8)]: 1n });
    expect(answer(forged)).to.equal(modulo(-1n));
    expectOnlyStoppedBy(instance, forged, aboveBit(8));
  });

  it("refuse another answer within the range", () => {
    expectOnlyStoppedBy(instance, instance.prove([2n], { [above]: 6n }), above);
    expectOnlyStoppedBy(instance, instance.prove([2n], { [excess]: 1n }), excess);
  });

  it("refuse every lie about one wire, however the rest follows", () => {
    for (const z of [-128n, -4n, -3n, 2n, 5n, 6n, 127n])
      expectEveryLieRefused(instance, [z], [0n, 1n, 2n, modulo(-1n)]);
  });
});
