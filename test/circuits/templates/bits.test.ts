import { expect } from "chai";

import { violatedConstraints } from "../../../circuits/format/check-witness.ts";
import { FIELD_ORDER } from "../../../circuits/format/interface-words.ts";
import type { Constraint } from "../../../circuits/format/r1cs.ts";
import { compileCircom, ToolchainError } from "../../../circuits/toolchain/index.ts";
import {
  compileInstance,
  expectEveryLieRefused,
  expectOnlyStoppedBy,
  type Instance,
  modulo,
  oneLayer,
} from "./cheating-prover.ts";

const bit = (k: number): string => `main.layer0_bits0[${k}]`;

/** A number and its hinted bits, as the compiler writes it. */
const widest = (bits: number): string => `
pragma circom 2.2.0;
include "bits.circom";
template Bits(n) {
    signal input number;
    signal bits[n];
    var recomposed = 0;
    for (var k = 0; k < n; k++) { bits[k] <-- (number >> k) & 1; recomposed += bits[k] * 2 ** k; }
    recomposed === number;
    Booleans(n)(bits);
}
component main = Bits(${bits});
`;

describe("the bits template", function () {
  this.timeout(30_000);

  describe("rounding a signed byte by four", () => {
    let instance: Instance;

    before(async () => {
      const layer = { kind: "rescale", inputs: [0], size: 1, shift: 2 } as const;
      instance = await compileInstance(
        oneLayer(layer, { kind: "int", bits: 8, size: 1 }, { kind: "int", bits: 8, size: 1 }),
      );
    });

    it("takes every honest witness", () => {
      for (let z = -128n; z < 128n; z++)
        expect(violatedConstraints(instance.system, instance.prove([z])), String(z)).to.deep.equal([]);
    });

    it("refuses both neighbours of a tie, and of 0 from below", () => {
      // z + 2 + 128: 6 gives 136 = 0b10001000, -2 gives 128 = 0b10000000.
      expectOnlyStoppedBy(instance, instance.prove([6n], { [bit(2)]: 1n }), bit(2));
      expectOnlyStoppedBy(instance, instance.prove([6n], { [bit(3)]: 0n, [bit(2)]: 1n }), bit(3));
      expectOnlyStoppedBy(instance, instance.prove([-2n], { [bit(7)]: 0n }), bit(7));
    });

    it("refuses a remainder that is not below the divisor", () => {
      // Remainder 4 with the quotient one less: bit 1 stands for 2 twice, bit 2 is 1 less than it should be.
      expectOnlyStoppedBy(instance, instance.prove([10n], { [bit(1)]: 2n, [bit(2)]: 0n }), bit(1));
    });

    it("refuses a quotient that is not bounded", () => {
      const last = bit(7);
      const bits = Object.fromEntries(Array.from({ length: 8 }, (_, k) => [bit(k), 0n]));
      const forged = instance.prove([10n], { ...bits, [last]: modulo(140n * inverseOf(128n)) });
      const violated = violatedConstraints(instance.system, forged);
      expect(violated).to.not.be.empty;
      const named = violated.map((row) => instance.system.constraints[row]?.a[0]?.[0]);
      expect(named).to.include(instance.wire(last));
    });

    it("refuses an output that is cut into other bits", () => {
      const outputs = instance.gadgetWires.filter((name) => name.startsWith("main.outputs"));
      expect(outputs).to.have.lengthOf(8);
      for (const name of outputs) {
        const honest = instance.prove([10n])[instance.wire(name)] ?? 0n;
        expectOnlyStoppedBy(instance, instance.prove([10n], { [name]: 1n - honest }), name);
      }
    });

    it("refuses every lie about one wire, however the rest follows", () => {
      for (const z of [-128n, -2n, 0n, 6n, 127n]) expectEveryLieRefused(instance, [z], [0n, 1n, 2n, modulo(-1n)]);
    });
  });

  describe("at its widest", () => {
    it("has no second set of bits for a number, that of the number plus the field's order", async () => {
      const { system, symbols } = await compileCircom(widest(252), { name: "widest" });
      const witness = (number: bigint, decomposed: bigint): bigint[] => {
        const values = new Array<bigint>(system.wireCount).fill(0n);
        values[0] = 1n;
        values[symbols.get("main.number") ?? 0] = number;
        for (let k = 0; k < 252; k++) values[symbols.get(`main.bits[${k}]`) ?? 0] = (decomposed >> BigInt(k)) & 1n;
        return values;
      };
      expect(violatedConstraints(system, witness(5n, 5n))).to.deep.equal([]);
      expect(violatedConstraints(system, witness(5n, 5n + FIELD_ORDER))).to.have.lengthOf(1);
    });

    it("does not compile for 253 bits or more", async () => {
      const failure = await compileCircom(widest(253), { name: "wider" }).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failure).to.be.instanceOf(ToolchainError).and.to.have.property("code", "CIRCOM_FAILED");
    });

    it("would have one at 254 bits: the trap is real", () => {
      const constraints: Constraint[] = Array.from({ length: 254 }, (_, k) => ({
        a: [[k + 2, 1n]],
        b: [[k + 2, 1n]],
        c: [[k + 2, 1n]],
      }));
      const digits = Array.from({ length: 254 }, (_, k) => [k + 2, (1n << BigInt(k)) % FIELD_ORDER] as const);
      constraints.push({ a: [], b: [], c: [[1, FIELD_ORDER - 1n], ...digits] });
      const system = { wireCount: 256, publicCount: 1, constraints };
      const witness = (bits: bigint): bigint[] => [1n, 5n, ...digits.map((_, k) => (bits >> BigInt(k)) & 1n)];
      expect(violatedConstraints(system, witness(5n))).to.deep.equal([]);
      expect(violatedConstraints(system, witness(5n + FIELD_ORDER))).to.deep.equal([]);
    });
  });
});

/** By Fermat. */
function inverseOf(value: bigint): bigint {
  let [result, base, exponent] = [1n, value, FIELD_ORDER - 2n];
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = modulo(result * base);
    base = modulo(base * base);
  }
  return result;
}
