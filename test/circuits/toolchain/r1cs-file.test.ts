import { expect } from "chai";
import fc from "fast-check";
import { r1cs } from "snarkjs";

import type { ConstraintSystem, Terms } from "../../../circuits/format/r1cs.ts";
import { compileCircom, readR1cs, ToolchainError, writeR1cs } from "../../../circuits/toolchain/index.ts";
import { squaringChain } from "./sample-circuit.ts";
import { stopSnarkjsThreads } from "./snarkjs-threads.ts";

describe("an .r1cs file", function () {
  this.timeout(60_000);

  after(stopSnarkjsThreads);

  it("holds what was written", () => {
    const system = squaringChain(9);
    expect(readR1cs(writeR1cs(system))).to.deep.equal(system);
  });

  it("survives a round trip from circom's own output", async () => {
    const source = `pragma circom 2.2.0;
      template Bits() { signal input x; signal output b[8]; var sum = 0;
        for (var i = 0; i < 8; i++) { b[i] <-- (x >> i) & 1; b[i] * (b[i] - 1) === 0; sum += b[i] * 2 ** i; }
        sum === x; }
      component main {public [x]} = Bits();`;
    const { system } = await compileCircom(source, { name: "bits" });
    expect(system.constraints).to.have.length(9);
    expect(readR1cs(writeR1cs(system))).to.deep.equal(system);
  });

  it("is read by snarkjs", async () => {
    const info = await r1cs.info({ type: "mem", data: writeR1cs(squaringChain(9)) });
    const { wireCount, publicCount, constraints } = squaringChain(9);
    expect(info).to.deep.include({ nVars: wireCount, nOutputs: 0, nPubInputs: publicCount });
    expect(info.nConstraints).to.equal(constraints.length);
  });

  it("is refused when it is cut short anywhere", () => {
    const bytes = writeR1cs(squaringChain(3));
    for (let length = 0; length < bytes.length; length += 7) refuse(bytes.subarray(0, length));
    refuse(bytes.subarray(0, -1));
  });

  it("is read or refused with a typed error, whatever byte is damaged", () => {
    const bytes = writeR1cs(squaringChain(9));
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const damaged = bytes.slice();
        damaged[at] = (damaged[at] ?? 0) ^ mask;
        try {
          readR1cs(damaged);
        } catch (error) {
          expect(error).to.be.instanceOf(ToolchainError).with.property("code", "R1CS_CORRUPT");
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("is refused when it names a wire that is not there, another field, or has bytes to spare", () => {
    const outside: ConstraintSystem = { wireCount: 2, publicCount: 1, constraints: [{ a: [[2, 1n]], b: [], c: [] }] };
    refuse(writeR1cs(outside));
    const twice: Terms = [
      [1, 1n],
      [1, 2n],
    ];
    refuse(writeR1cs({ wireCount: 2, publicCount: 1, constraints: [{ a: twice, b: [], c: [] }] }));
    const otherField = writeR1cs(squaringChain(3));
    otherField[12 + 12 + 4] = (otherField[12 + 12 + 4] ?? 0) ^ 1;
    refuse(otherField);
    refuse(Uint8Array.of(...writeR1cs(squaringChain(3)), 0));
    refuse(new TextEncoder().encode("not a constraint file"));
  });
});

function refuse(bytes: Uint8Array): void {
  expect(() => readR1cs(bytes))
    .to.throw(ToolchainError)
    .with.property("code", "R1CS_CORRUPT");
}
