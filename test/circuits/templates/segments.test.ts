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

const member = (index: number): string => `main.layer0_member0[${index}]`;
const above = (k: number): string => `main.layer0_above0[${k}]`;
const below = (k: number): string => `main.layer0_chunk0.below0[${k}]`;
const rise = "main.layer0_1[0]";

/** Bits from the lowest: enough for any distance inside a piece. */
const bitsOf = (name: (k: number) => string, value: number): Record<string, bigint> =>
  Object.fromEntries(Array.from({ length: 7 }, (_, k) => [name(k), BigInt((value >> k) & 1)]));

const only = (index: number) => Object.fromEntries([0, 1, 2].map((at) => [member(at), at === index ? 1n : 0n]));

/** z in [-128, 127]: 10 below -50, then 10 + 2 * (z + 50), then 150 from 20 on. */
describe("the rows that find a piece of a table", function () {
  this.timeout(30_000);
  let instance: Instance;

  before(async () => {
    const layer = {
      kind: "piecewise",
      inputs: [0],
      size: 1,
      shift: 0,
      starts: [-128, -50, 20],
      end: 127,
      values: [10, 10, 150],
      slopes: [0, 2, 0],
    } as const;
    instance = await compileInstance(
      oneLayer(layer, { kind: "int", bits: 8, size: 1 }, { kind: "uint", bits: 8, size: 1 }),
    );
  });

  const answer = (witness: readonly bigint[]): bigint =>
    [10n, 10n, 150n].reduce(
      (sum, value, at) => sum + value * (witness[instance.wire(member(at))] ?? 0n),
      witness[instance.wire(rise)] ?? 0n,
    );

  it("take the honest witness on every input", () => {
    for (let z = -128; z <= 127; z++) {
      const witness = instance.prove([BigInt(z)]);
      expect(answer(witness), `at ${z}`).to.equal(BigInt(z < -50 ? 10 : z < 20 ? 110 + 2 * z : 150));
      expect(violatedConstraints(instance.system, witness), `at ${z}`).to.deep.equal([]);
    }
  });

  it("refuse two members", () => {
    // Starts add up to -30 and ends to 146: 70 seems to lie between them, 100 from the one and 76 from the other.
    const forged = instance.prove([70n], { ...only(1), [member(2)]: 1n });
    expectOnlyStoppedBy(instance, forged, member(1));
  });

  it("refuse no member", () => {
    // 0 is then both ends: only z = 0 is not outside.
    const forged = instance.prove([0n], only(-1));
    expect(answer(forged)).to.equal(0n);
    expectOnlyStoppedBy(instance, forged, member(0));
  });

  it("refuse the neighbour's piece on both sides of a border", () => {
    // 20 is one beyond the end of the second piece: below = -1.
    expectOnlyStoppedBy(instance, instance.prove([20n], only(1)), below(0));
    // 19 is one before the start of the third: above = -1.
    const early = instance.prove([19n], only(2));
    expect(answer(early)).to.equal(150n);
    expectOnlyStoppedBy(instance, early, above(0));
  });

  it("refuse it also when a bit outside {0, 1} makes the distance right", () => {
    const late = instance.prove([20n], { ...only(1), ...bitsOf(below, 0), [below(0)]: modulo(-1n) });
    expectOnlyStoppedBy(instance, late, below(0));
    const early = instance.prove([19n], { ...only(2), ...bitsOf(above, 0), [above(0)]: modulo(-1n) });
    expectOnlyStoppedBy(instance, early, above(0));
  });

  it("refuse members outside {0, 1} that add up to 1", () => {
    // Twice the second piece less the third: starts add up to -120 and ends to -89, so -100 seems to lie between them.
    const forged = instance.prove([-100n], { [member(0)]: 0n, [member(1)]: 2n, [member(2)]: modulo(-1n) });
    expectOnlyStoppedBy(instance, forged, member(1), member(2));
  });

  it("refuse a distance that is not the element's", () => {
    const forged = instance.prove([0n], bitsOf(above, 51));
    expect(answer(forged)).to.equal(112n);
    expectOnlyStoppedBy(instance, forged, above(0));
  });

  it("refuse a rise of its own", () => {
    expectOnlyStoppedBy(instance, instance.prove([0n], { [rise]: 101n }), rise);
  });

  it("refuse every lie about one wire, however the rest follows", () => {
    for (const z of [-128n, -51n, -50n, 0n, 19n, 20n, 127n])
      expectEveryLieRefused(instance, [z], [0n, 1n, 2n, modulo(-1n)]);
  });
});
