import { readFileSync } from "node:fs";

import { expect } from "chai";

import { type GasFigures, measureGas } from "./gas.ts";

/** Proofs differ from run to run in how many zero bytes their calldata has. */
const TOLERANCE = 0.01;
/**
 * Seats of rounds are drawn with a block's hash: how many places are looked at differs, and whether who is drawn worked
 * before, which is 17,100 for a slot that is not zero any more.
 */
const TOLERANCE_OF_ROUNDS = 0.2;

const toleranceOf = (name: string) => (/commit|verdict|copies/.test(name) ? TOLERANCE_OF_ROUNDS : TOLERANCE);

/** What nobody may push a whole step beyond, whatever the snapshot says. */
const ceilings: GasFigures = {
  "request with a callback": 75_000,
  "whole Vanilla job": 170_000,
  "whole Tee job": 180_000,
  "whole Zkml job": 400_000,
  "verify a proof of one word": 225_000,
  claim: 70_000,
  expire: 60_000,
  "expire with slash": 90_000,
  "register worker": 180_000,
  "fulfill in a batch of 32 proofs, each": 90_000,
};

/** After a change that is meant: `hardhat run test/contracts/update-gas.ts`, and check the new snapshot in. */
describe("gas", function () {
  this.timeout(120_000);

  let figures: GasFigures;
  before(async () => (figures = await measureGas()));

  it("is what the snapshot says, to within 1 %, or 20 % where seats are drawn", () => {
    const snapshot = JSON.parse(readFileSync(new URL("gas.snapshot.json", import.meta.url), "utf8")) as GasFigures;
    expect(Object.keys(figures)).to.have.members(Object.keys(snapshot));
    const changed = Object.entries(figures).filter(
      ([name, gas]) => Math.abs(gas - (snapshot[name] ?? 0)) > gas * toleranceOf(name),
    );
    expect(changed.map(([name, gas]) => `${name}: ${snapshot[name]} -> ${gas}`)).to.deep.equal([]);
  });

  it("whole Tee job costs at most 10,000 more than a whole Vanilla job", () => {
    const { "whole Tee job": tee = Infinity, "whole Vanilla job": vanilla = 0 } = figures;
    expect(tee - vanilla).to.be.at.most(10_000);
  });

  for (const [name, ceiling] of Object.entries(ceilings))
    it(`${name} stays within ${ceiling}`, () => expect(figures[name]).to.be.at.most(ceiling));
});
