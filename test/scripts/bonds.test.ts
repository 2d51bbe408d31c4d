import { readFileSync } from "node:fs";

import { expect } from "chai";

import { challengeBondFor, DEFAULT_GAS, GAS_PRICE_CAP, jobStakeFor } from "../../scripts/ignition/bonds.ts";

const snapshot = JSON.parse(readFileSync(new URL("../contracts/gas.snapshot.json", import.meta.url), "utf8")) as Record<
  string,
  number
>;

describe("bonds", () => {
  it("are made for at least the gas that disputes were measured to take", () => {
    const measured = {
      challenge: snapshot["challenge"],
      resolve: snapshot["resolve with slash"],
      defend: snapshot["defend with a proof"],
      verdict: snapshot["whole verdict, without the challenge"],
    };
    for (const [step, gas] of Object.entries(measured)) expect(gas, step).to.be.a("number");
    for (const [step, gas] of Object.entries(DEFAULT_GAS)) {
      const had = measured[step as keyof typeof measured] ?? Infinity;
      expect(had, `${step}: raise DEFAULT_GAS`).to.be.at.most(Number(gas));
      expect(had, `${step}: DEFAULT_GAS may shrink`).to.be.at.least(Number(gas) / 2);
    }
  });

  it("pay a worker more than the gas of a defence, and a panel by their half more than that of a verdict", () => {
    const bond = challengeBondFor(DEFAULT_GAS);
    expect(bond).to.equal(4_600_000_000_000_000n);
    expect(bond > DEFAULT_GAS.defend * GAS_PRICE_CAP).to.equal(true);
    expect(bond / 2n > DEFAULT_GAS.verdict * GAS_PRICE_CAP).to.equal(true);
  });

  it("leave a challenger that wins more than the gas of its dispute, though half is burnt and it gets a quarter", () => {
    const stake = jobStakeFor(DEFAULT_GAS);
    expect(stake).to.equal(9_200_000_000_000_000n);
    expect(stake / 4n > (DEFAULT_GAS.challenge + DEFAULT_GAS.resolve) * GAS_PRICE_CAP).to.equal(true);
    expect(stake / 4n > DEFAULT_GAS.verdict * GAS_PRICE_CAP).to.equal(true);
  });

  it("follow the gas price that they are made for, rounded up to two digits", () => {
    const gas = { challenge: 1n, resolve: 1n, defend: 67n, verdict: 0n };
    expect(challengeBondFor(gas, 10n)).to.equal(1_100n);
    expect(challengeBondFor(gas, 1n)).to.equal(110n);
    expect(challengeBondFor({ ...gas, defend: 1n }, 1n)).to.equal(2n);
    expect(challengeBondFor({ ...gas, verdict: 34n }, 1n)).to.equal(110n);
    expect(jobStakeFor(gas, 1n)).to.equal(12n);
    expect(jobStakeFor({ ...gas, verdict: 4n }, 1n)).to.equal(24n);
  });
});
