import { readFileSync } from "node:fs";

import { expect } from "chai";

import { type GasFigures, measureGas } from "./gas.ts";

/** Estimates are exact to within this. */
const TOLERANCE = 0.02;
const CEILINGS = { "remember the certificate": 3_000_000, "verify a document": 4_000_000, "a signature": 2_500_000 };

/** After a change that is meant: `hardhat run test/contracts/tee/nitro/update-gas.ts`, and check the new snapshot in. */
describe("the gas of Nitro's documents", function () {
  this.timeout(120_000);

  let figures: GasFigures;
  before(async () => (figures = await measureGas()));

  it("is what the snapshot says, to within 2 %", () => {
    const snapshot = JSON.parse(readFileSync(new URL("gas.snapshot.json", import.meta.url), "utf8")) as GasFigures;
    expect(Object.keys(figures)).to.have.members(Object.keys(snapshot));
    const changed = Object.entries(figures).filter(
      ([name, gas]) => Math.abs(gas - (snapshot[name] ?? 0)) > gas * TOLERANCE,
    );
    expect(changed.map(([name, gas]) => `${name}: ${snapshot[name]} -> ${gas}`)).to.deep.equal([]);
  });

  for (const [kind, ceiling] of Object.entries(CEILINGS))
    it(`stays within ${ceiling}, of the 16,777,216 that a transaction may have: ${kind}`, () => {
      const all = Object.entries(figures).filter(([name]) => name.startsWith(kind));
      expect(all).to.not.be.empty;
      expect(all.filter(([, gas]) => gas > ceiling)).to.deep.equal([]);
    });
});
