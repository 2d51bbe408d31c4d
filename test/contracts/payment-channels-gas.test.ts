import { expect } from "chai";

import type { Channel } from "../../workers/sdk/channels/voucher.ts";
import {
  channelOf,
  DEPOSIT,
  DISPUTE_WINDOW,
  ETHER,
  gasOf,
  nativeChannels,
  networkHelpers,
  opened,
  salt,
  voucherOf,
} from "./channels-fixture.ts";

describe("the gas of channels", function () {
  this.timeout(60_000);

  /** Native coin, a payee that was paid before, base cost and calldata included. */
  const ceilings = {
    open: 54_000,
    collect: 47_000,
    "collect of 32, each": 19_000,
    topUp: 32_000,
    startClosing: 31_000,
    finish: 55_000,
    close: 56_000,
  };

  it("stays within its ceilings", async () => {
    const base = await networkHelpers.loadFixture(nativeChannels);
    const { channels, payer, payee } = base;
    const wallet = channels.connect(payer);
    const crowd: Channel[] = [];
    for (let index = 0; index < 34; index++) crowd.push((await opened(base, { salt: salt(index) })).channel);
    const vouchers = await Promise.all(crowd.map((channel) => voucherOf(base, channel, ETHER / 7n, payer)));
    const [first, second, ...batch] = vouchers;
    if (first === undefined || second === undefined) throw new Error("too few vouchers");
    await channels.collect(second.channel, second.total, second.signature);
    const collecting = channels.connect(payee);
    const fresh = await channelOf(base, { salt: salt(99) });
    const figures = {
      open: await gasOf(wallet.open(fresh, DEPOSIT, { value: DEPOSIT })),
      collect: await gasOf(collecting.collect(first.channel, first.total, first.signature)),
      "collect of 32, each": Math.round((await gasOf(collecting.collectMany(batch))) / batch.length),
      topUp: await gasOf(wallet.topUp(fresh, 1n, { value: 1n })),
      startClosing: await gasOf(wallet.startClosing(fresh)),
      finish: await networkHelpers.time.increase(DISPUTE_WINDOW + 1n).then(() => gasOf(wallet.finish(fresh))),
      close: await gasOf(collecting.close(await voucherOf(base, crowd[1] ?? fresh, ETHER / 2n, payer))),
    };
    const over = Object.entries(ceilings).filter(([name, ceiling]) => figures[name as keyof typeof figures] > ceiling);
    expect(over, JSON.stringify(figures)).to.deep.equal([]);
  });
});
