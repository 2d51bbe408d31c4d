import { readFileSync } from "node:fs";

import { expect } from "chai";

import { type GasFigures, measureGas } from "./gas.ts";

/** Estimates are exact to within this. */
const TOLERANCE = 0.02;
const CEILINGS = { first: 1_200_000, again: 600_000 };

/** After a change that is meant: `hardhat run test/contracts/tee/update-gas.ts`, and check the new snapshot in. */
describe("the gas of quotes and collateral", function () {
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
    it(`with the precompile stays within ${ceiling} for a quote that is verified, and for an enclave: ${kind}`, () => {
      const all = Object.entries(figures).filter(([name]) => name.endsWith(`, ${kind}`));
      expect(all).to.have.length(kind === "first" ? 5 : 6);
      expect(all.filter(([, gas]) => gas > ceiling)).to.deep.equal([]);
    });
});
