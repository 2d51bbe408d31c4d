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

const winner = (index: number): string => `main.layer0_winner0[${index}]`;
const largest = "main.layer0_chunk0.largest0[0]";
const gap = (index: number, k: number): string => `main.layer0_chunk0.gap${index}_0[${k}]`;
const wins = (index: number) => ({
  [winner(0)]: index === 0 ? 1n : 0n,
  [winner(1)]: index === 1 ? 1n : 0n,
  [winner(2)]: index === 2 ? 1n : 0n,
});

/** Three numbers of four bits. */
describe("the argmax templates", function () {
  this.timeout(30_000);
  let instance: Instance;

  before(async () => {
    const layer = { kind: "argmax", inputs: [0], outer: 1, classes: 3, inner: 1, gives: "index" } as const;
    instance = await compileInstance(
      oneLayer(layer, { kind: "uint", bits: 4, size: 3 }, { kind: "label", bits: 8, size: 1 }),
    );
  });

  const label = (witness: readonly bigint[]): number =>
    [0, 1, 2].reduce((sum, index) => sum + index * Number(witness[instance.wire(winner(index))]), 0);

  it("take the honest witness, the first of equals winning", () => {
    for (let code = 0; code < 4096; code += 7) {
      const z = [code & 15, (code >> 4) & 15, code >> 8];
      const witness = instance.prove(z.map(BigInt));
      expect(label(witness)).to.equal(z.indexOf(Math.max(...z)));
      expect(violatedConstraints(instance.system, witness), z.join()).to.deep.equal([]);
    }
  });

  it("refuse a one-hot without a winner", () => {
    const forged = instance.prove([3n, 9n, 5n], { ...wins(-1), [largest]: 9n });
    expect(label(forged)).to.equal(0);
    expectOnlyStoppedBy(instance, forged, winner(1));
  });

  it("refuse a one-hot with two winners", () => {
    // 8 and 9: the gap of class 1 is counted from 1 less because class 2 wins too.
    const forged = instance.prove([3n, 8n, 9n], { [winner(1)]: 1n, [winner(2)]: 1n });
    expect(label(forged)).to.equal(3);
    expectOnlyStoppedBy(instance, forged, winner(1));
  });

  it("refuse winners outside {0, 1}", () => {
    // -2 and 3 have the sum 1, and make both gaps 0: 9 - 6 - 3 and 9 - 9. The label would be 4.
    const forged = instance.prove([0n, 6n, 9n], { [winner(1)]: modulo(-2n), [winner(2)]: 3n });
    expect(forged[instance.wire("main.words[0]")]).to.equal(0x069004n << 224n);
    expectOnlyStoppedBy(instance, forged, winner(1), winner(2));
  });

  it("refuse a winner that is not the largest: its own gap is not 0", () => {
    expectOnlyStoppedBy(instance, instance.prove([3n, 9n, 5n], { ...wins(2), [largest]: 10n }), winner(2));
    expectOnlyStoppedBy(instance, instance.prove([3n, 9n, 5n], { ...wins(0), [largest]: 9n }), winner(0));
  });

  it("refuse a winner that is not the largest: the gap of the largest is negative", () => {
    expectOnlyStoppedBy(instance, instance.prove([5n, 9n, 3n], { ...wins(0), [largest]: 5n }), gap(1, 0));
    const bits = { [gap(1, 0)]: modulo(-4n), [gap(1, 1)]: 0n, [gap(1, 2)]: 0n, [gap(1, 3)]: 0n };
    expectOnlyStoppedBy(instance, instance.prove([5n, 9n, 3n], { ...wins(0), [largest]: 5n, ...bits }), gap(1, 0));
  });

  it("refuse the later one of equals", () => {
    expectOnlyStoppedBy(instance, instance.prove([3n, 9n, 9n], wins(2)), gap(1, 0));
    const bits = { [gap(1, 0)]: modulo(-1n), [gap(1, 1)]: 0n, [gap(1, 2)]: 0n, [gap(1, 3)]: 0n };
    expectOnlyStoppedBy(instance, instance.prove([3n, 9n, 9n], { ...wins(2), ...bits }), gap(1, 0));
    expectOnlyStoppedBy(instance, instance.prove([3n, 9n, 9n], { ...wins(2), [largest]: 10n }), winner(2));
  });

  it("refuse a largest number that nobody has", () => {
    expectOnlyStoppedBy(instance, instance.prove([3n, 9n, 5n], { [largest]: 10n }), winner(1));
  });

  it("refuse forged bits of a gap", () => {
    // The gap of class 2 is 4: 0b0100.
    expectOnlyStoppedBy(instance, instance.prove([3n, 9n, 5n], { [gap(2, 2)]: 0n }), gap(2, 2));
    expectOnlyStoppedBy(instance, instance.prove([3n, 9n, 5n], { [gap(2, 2)]: 0n, [gap(2, 1)]: 2n }), gap(2, 1));
  });

  it("refuse every lie about one wire, however the rest follows", () => {
    for (const z of [
      [3n, 9n, 5n],
      [9n, 9n, 0n],
      [0n, 15n, 15n],
      [0n, 0n, 0n],
    ])
      expectEveryLieRefused(instance, z, [0n, 1n, 2n, 15n, modulo(-1n)]);
  });
});
