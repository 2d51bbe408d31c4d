import { expect } from "chai";
import fc from "fast-check";

import {
  bumped,
  feesFor,
  feesWithin,
  type GasMarket,
  moreUrgent,
  patience,
  priceOf,
  URGENCIES,
  urgencyOf,
} from "../../../../workers/daemon/lane/fee-strategy.ts";

const GWEI = 10n ** 9n;
const CAPS = { maxFeePerGas: 500n * GWEI, maxTipPerGas: 20n * GWEI };
const MARKET: GasMarket = { baseFee: 10n * GWEI, tips: { calm: 1n * GWEI, soon: 2n * GWEI, urgent: 5n * GWEI } };
const LEGACY: GasMarket = { baseFee: null, tips: { calm: 7n, soon: 7n, urgent: 7n } };

describe("what the lane offers for gas", () => {
  it("offers more the nearer the time is at which it would be late", () => {
    const at = (dueAt: number | null) => urgencyOf({ dueAt }, 1000);
    expect([at(null), at(5000), at(1300), at(1060), at(900)]).to.deep.equal([
      "calm",
      "calm",
      "soon",
      "urgent",
      "urgent",
    ]);
    expect(URGENCIES.map((urgency) => feesFor(MARKET, urgency, CAPS))).to.deep.equal([
      { max: 21n * GWEI, priority: GWEI },
      { max: 22n * GWEI, priority: 2n * GWEI },
      { max: 45n * GWEI, priority: 5n * GWEI },
    ]);
    expect([moreUrgent("calm"), moreUrgent("soon"), moreUrgent("urgent")]).to.deep.equal(["soon", "urgent", "urgent"]);
  });

  it("offers the whole price on chains without a base fee", () => {
    expect(feesFor(LEGACY, "calm", CAPS)).to.deep.equal({ max: 7n, priority: null });
    expect(priceOf(LEGACY, "urgent")).to.equal(7n);
  });

  it("never offers more than its caps, nor a tip above the whole", () => {
    const wei = fc.bigInt({ min: 0n, max: 10n ** 14n });
    const markets = fc.record({
      baseFee: fc.option(wei),
      tips: fc.record({ calm: wei, soon: wei, urgent: wei }),
    });
    fc.assert(
      fc.property(markets, fc.constantFrom(...URGENCIES), wei, wei, (market, urgency, maxFeePerGas, maxTipPerGas) => {
        const { max, priority } = feesFor(market, urgency, { maxFeePerGas, maxTipPerGas });
        expect(max <= maxFeePerGas).to.equal(true);
        expect(priority === null || (priority <= max && priority <= maxTipPerGas)).to.equal(true);
      }),
    );
  });

  it("never offers more in all than a send may cost, and nothing where that buys no place in a block", () => {
    const gasLimit = 100_000n;
    const calm = (most: bigint | null) => feesWithin(MARKET, "calm", CAPS, { most, gasLimit });
    expect(calm(null)).to.deep.equal(feesFor(MARKET, "calm", CAPS));
    expect(calm(gasLimit * 21n * GWEI)).to.deep.equal({ max: 21n * GWEI, priority: GWEI });
    expect(calm(gasLimit * 12n * GWEI)).to.deep.equal({ max: 12n * GWEI, priority: GWEI });
    expect(calm(gasLimit * 11n * GWEI - 1n)).to.equal(null);
    expect(feesWithin(LEGACY, "calm", CAPS, { most: 699n, gasLimit: 100n })).to.equal(null);
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 16n }), fc.bigInt({ min: 21_000n, max: 10n ** 7n }), (most, gas) => {
        const found = feesWithin(MARKET, "urgent", CAPS, { most, gasLimit: gas });
        expect(found === null || found.max * gas <= most).to.equal(true);
      }),
    );
  });

  it("offers less than the hurry calls for where the job does not pay for more", () => {
    const gasLimit = 100_000n;
    const fees = feesWithin(MARKET, "urgent", CAPS, { most: gasLimit * 12n * GWEI, gasLimit });
    expect(fees).to.deep.equal({ max: 12n * GWEI, priority: 2n * GWEI });
  });

  it("replaces with at least a tenth more of price and tip, or not at all", () => {
    const had = { max: 100n, priority: 10n };
    expect(bumped(had, { max: 50n, priority: 5n }, 1000n)).to.deep.equal({ max: 113n, priority: 12n });
    expect(bumped(had, { max: 300n, priority: 50n }, 1000n)).to.deep.equal({ max: 300n, priority: 50n });
    expect(bumped(had, { max: 300n, priority: 50n }, 299n)).to.equal(null);
  });

  it("waits a shorter time for a block when it is due soon, and never longer than it was told", () => {
    const wait = (dueAt: number | null) => patience({ dueAt }, 1000, 60_000);
    expect([wait(null), wait(100_000), wait(1120), wait(1001), wait(500)]).to.deep.equal([
      60_000, 60_000, 20_000, 6000, 6000,
    ]);
    expect(patience({ dueAt: 1001 }, 1000, 0)).to.equal(0);
  });
});
