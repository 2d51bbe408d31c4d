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

const out = "main.layer0[0]";
const bit = (k: number): string => `main.layer0_chunk0.bits0[${k}]`;

/** z in [-128, 127], two bits dropped: z + 2 + 256 in nine bits, of which bit 8 says "not negative". */
describe("the relu template", function () {
  this.timeout(30_000);
  let instance: Instance;

  before(async () => {
    const layer = { kind: "relu", inputs: [0], size: 1, shift: 2 } as const;
    instance = await compileInstance(
      oneLayer(layer, { kind: "int", bits: 8, size: 1 }, { kind: "uint", bits: 8, size: 1 }),
    );
  });

  it("takes the honest witness, rounding ties up", () => {
    for (const [z, answer] of [
      [10n, 3n],
      [9n, 2n],
      [11n, 3n],
      [-2n, 0n],
      [-10n, 0n],
      [-128n, 0n],
      [127n, 32n],
      [0n, 0n],
    ] as const) {
      const witness = instance.prove([z]);
      expect(witness[instance.wire(out)], `relu of ${z}`).to.equal(answer);
      expect(violatedConstraints(instance.system, witness), `relu of ${z}`).to.deep.equal([]);
    }
  });

  it("refuses both neighbours of a tie", () => {
    for (const neighbour of [2n, 4n]) expectOnlyStoppedBy(instance, instance.prove([10n], { [out]: neighbour }), out);
  });

  it("refuses the bits of a neighbour", () => {
    // 10 + 2 + 256 = 0b100001100; without bit 2 the answer would be 2.
    expectOnlyStoppedBy(instance, instance.prove([10n], { [bit(2)]: 0n }), bit(2));
  });

  it("refuses a rounding that is moved by a bit of 2", () => {
    // Bits 1 and 2 are 0 and 1; 2 and 0 have the same sum and round down.
    const forged = instance.prove([10n], { [bit(1)]: 2n, [bit(2)]: 0n });
    expect(forged[instance.wire(out)]).to.equal(2n);
    expectOnlyStoppedBy(instance, forged, bit(1));
  });

  it("refuses a negative number that is passed off as positive", () => {
    expectOnlyStoppedBy(instance, instance.prove([-40n], { [bit(8)]: 1n }), bit(8));
  });

  it("refuses it also when a bit outside {0, 1} makes the sum right", () => {
    // -40 + 2 + 256 = 218 = 0b011011010: bit 8 for 256 more, bit 7 for 256 less.
    const forged = instance.prove([-40n], { [bit(8)]: 1n, [bit(7)]: modulo(1n - 2n) });
    expect(forged[instance.wire(out)]).to.not.equal(0n);
    expectOnlyStoppedBy(instance, forged, bit(7));
  });

  it("refuses a positive number that is passed off as negative", () => {
    expectOnlyStoppedBy(instance, instance.prove([40n], { [bit(8)]: 0n }), bit(8));
    // 40 + 2 + 256 = 0b100101010: bit 7 takes over twice its weight.
    expectOnlyStoppedBy(instance, instance.prove([40n], { [bit(8)]: 0n, [bit(7)]: 2n }), bit(7));
  });

  it("refuses an answer of its own, dead or alive", () => {
    expectOnlyStoppedBy(instance, instance.prove([-40n], { [out]: 5n }), out);
    expectOnlyStoppedBy(instance, instance.prove([40n], { [out]: 0n }), out);
  });

  it("refuses every lie about one wire, however the rest follows", () => {
    for (const z of [-128n, -3n, -2n, 0n, 2n, 10n, 127n])
      expectEveryLieRefused(instance, [z], [0n, 1n, 2n, modulo(-1n)]);
  });
});
