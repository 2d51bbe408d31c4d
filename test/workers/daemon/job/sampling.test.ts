import { expect } from "chai";
import { keccak256, toBeHex } from "ethers";

import type { Hex } from "../../../../workers/daemon/facts.ts";
import { isSampled } from "../../../../workers/daemon/job/sampling.ts";

const SEED: Hex = `0x${"5e".repeat(32)}`;
const JOBS = Array.from({ length: 2000 }, (_, index) => keccak256(toBeHex(index)) as Hex);

describe("the answers that a challenger checks", () => {
  const share = (of: number, seed = SEED): number =>
    JOBS.filter((job) => isSampled(seed, job, of)).length / JOBS.length;

  it("are all of them at 1, none at 0, and about the share that was asked for between", () => {
    expect(share(1)).to.equal(1);
    expect(share(0)).to.equal(0);
    for (const wanted of [0.05, 0.5, 0.9]) expect(Math.abs(share(wanted) - wanted) < 0.03).to.equal(true);
  });

  it("are always the same for one worker, and others for another", () => {
    const of = (seed: Hex) => JOBS.filter((job) => isSampled(seed, job, 0.3));
    expect(of(SEED)).to.deep.equal(of(SEED));
    expect(of(SEED)).not.to.deep.equal(of(`0x${"5f".repeat(32)}`));
  });

  it("are still checked when the share grows", () => {
    const few = JOBS.filter((job) => isSampled(SEED, job, 0.1));
    expect(few.every((job) => isSampled(SEED, job, 0.2))).to.equal(true);
  });
});
