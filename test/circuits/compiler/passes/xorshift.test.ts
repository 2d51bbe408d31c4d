import { expect } from "chai";

import { xorshift } from "../../../../circuits/compiler/passes/xorshift.ts";

describe("the generator of samples", () => {
  it("is Marsaglia's xorshift of 13, 17 and 5", () => {
    const next = xorshift(1);
    const drawn = Array.from({ length: 4 }, () => next() * 2 ** 32);
    expect(drawn).to.deep.equal([270_369, 67_634_689, 2_647_435_461, 307_599_695]);
  });
});
