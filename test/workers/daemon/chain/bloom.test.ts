import { expect } from "chai";
import { getBytes } from "ethers";

import { bloomOf, isWithin, mayHold, saysNothing } from "../../../../workers/daemon/chain/bloom.ts";

const MARKET = `0x${"cc".repeat(20)}`;
const TOPIC = `0x${"0b".repeat(32)}`;

describe("the filter of a block's logs", () => {
  it("has three bits for each item, by the first three pairs of bytes of its hash", () => {
    // The hash of 20 zero bytes begins with 5380c7b7ae81.
    const bits = [0x5380, 0xc7b7, 0xae81].map((pair) => pair & 0x7ff);
    const bloom = bloomOf([{ address: `0x${"00".repeat(20)}`, topics: [] }]);
    const set = Array.from({ length: 2048 }, (_, bit) => bit).filter(
      (bit) => ((bloom[255 - (bit >> 3)] ?? 0) & (1 << (bit & 7))) !== 0,
    );
    expect(set).to.deep.equal(bits.toSorted((one, other) => one - other));
  });

  it("holds what it was made of, and rules out what it was not", () => {
    const bloom = bloomOf([{ address: MARKET, topics: [TOPIC] }]);
    expect(mayHold(bloom, MARKET)).to.equal(true);
    expect(mayHold(bloom, TOPIC)).to.equal(true);
    expect(mayHold(bloom, `0x${"dd".repeat(20)}`)).to.equal(false);
  });

  it("is within that of more logs, and not the other way round", () => {
    const one = bloomOf([{ address: MARKET, topics: [] }]);
    const two = bloomOf([{ address: MARKET, topics: [TOPIC] }]);
    expect([isWithin(one, two), isWithin(two, one)]).to.deep.equal([true, false]);
  });

  it("says nothing if it is empty, full, or of another length", () => {
    for (const bloom of [new Uint8Array(256), new Uint8Array(256).fill(0xff), getBytes("0x01")])
      expect(saysNothing(bloom)).to.equal(true);
    expect(saysNothing(bloomOf([{ address: MARKET, topics: [] }]))).to.equal(false);
  });
});
