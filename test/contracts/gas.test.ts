import { readFileSync } from "node:fs";

import { expect } from "chai";

import { type GasFigures, measureGas } from "./gas.ts";

/** Proofs differ from run to run in how many zero bytes their calldata has. */
const TOLERANCE = 0.01;

/** What nobody may push a whole step beyond, whatever the snapshot says. */
const ceilings: GasFigures = {
  "request with a callback": 80_000,
  "whole Vanilla job": 192_000,
  "whole Tee job": 180_000,
  "whole Zkml job": 400_000,
  "verify a proof of one word": 228_000,
};

/** After a change that is meant: `hardhat run test/contracts/update-gas.ts`, and check the new snapshot in. */
describe("gas", function () {
  this.timeout(120_000);

  let figures: GasFigures;
  before(async () => (figures = await measureGas()));

  it("is what the snapshot says, to within 1 %", () => {
    const snapshot = JSON.parse(readFileSync(new URL("gas.snapshot.json", import.meta.url), "utf8")) as GasFigures;
    expect(Object.keys(figures)).to.have.members(Object.keys(snapshot));
    const changed = Object.entries(figures).filter(
      ([name, gas]) => Math.abs(gas - (snapshot[name] ?? 0)) > gas * TOLERANCE,
    );
    expect(changed.map(([name, gas]) => `${name}: ${snapshot[name]} -> ${gas}`)).to.deep.equal([]);
  });

  for (const [name, ceiling] of Object.entries(ceilings))
    it(`${name} stays within ${ceiling}`, () => expect(figures[name]).to.be.at.most(ceiling));
});
