import { expect } from "chai";
import fc from "fast-check";

import { channelIdOf, signVoucher } from "../../workers/sdk/channels/voucher.ts";
import {
  CHANNEL_STATE,
  channelOf,
  type Channels,
  channelsWith,
  CODE,
  DEPOSIT,
  DISPUTE_WINDOW,
  ethers,
  expectSolvent,
  nativeChannels,
  nativeCoin,
  networkHelpers,
  opened,
  salt,
  tokenChannels,
  voucherOf,
} from "./channels-fixture.ts";

for (const [currency, fixture] of [
  ["the native coin", nativeChannels],
  ["an ERC-20", tokenChannels],
] as const) {
  describe(`a channel of ${currency}`, function () {
    this.timeout(60_000);
    const load = () => networkHelpers.loadFixture(fixture);

    it("gives the payee what vouchers say, each the total so far, and the payer the rest", async () => {
      const base = await load();
      const { channels, payer, payee, money } = base;
      const channel = await channelOf(base);
      const channelId = channelIdOf(base.place, channel);
      const opening = channels.connect(payer).open(channel, DEPOSIT, money.value(DEPOSIT));
      await expect(opening)
        .to.emit(channels, "ChannelOpened")
        .withArgs(channelId, payer, payee, Object.values(channel));
      await expectSolvent(base, [channelId]);

      for (const [total, amount] of [
        [100n, 100n],
        [250n, 150n],
      ] as const) {
        const { signature } = await voucherOf(base, channel, total, payer);
        await expect(channels.connect(payee).collect(channel, total, signature))
          .to.emit(channels, "VoucherCollected")
          .withArgs(channelId, payee, total, amount);
        await expectSolvent(base, [channelId]);
      }
      const closing = channels.connect(payee).close(await voucherOf(base, channel, 400n, payer));
      await expect(closing).to.emit(channels, "VoucherCollected").withArgs(channelId, payee, 400n, 150n);
      await expect(closing)
        .to.emit(channels, "ChannelClosed")
        .withArgs(channelId, payer, DEPOSIT - 400n);
      await expectSolvent(base, [channelId]);

      const had = await money.held(base.stranger);
      await expect(channels.connect(payee).withdraw(400n, base.stranger))
        .to.emit(channels, "Withdrawn")
        .withArgs(payee, base.stranger, 400n);
      expect(await money.held(base.stranger)).to.equal(had + 400n);
      await channels.connect(payer).withdraw(DEPOSIT - 400n, payer);
      expect(await money.held(channels)).to.equal(0n);
    });

    it("pays as far as the deposit goes, and the rest of the same voucher after a top-up by anyone", async () => {
      const base = await load();
      const { channels, payer, payee, stranger, money } = base;
      const { channel, channelId } = await opened(base, {}, 100n);
      const { signature } = await voucherOf(base, channel, 130n, payer);
      await channels.collect(channel, 130n, signature);
      expect(await channels.balanceOf(payee)).to.equal(100n);
      await expect(channels.collect(channel, 130n, signature))
        .to.be.revertedWithCustomError(channels, "VoucherNotCollected")
        .withArgs(channelId, CODE.NothingNew);
      await expect(channels.connect(stranger).topUp(channel, 50n, money.value(50n)))
        .to.emit(channels, "ChannelToppedUp")
        .withArgs(channelId, stranger, 50n, 150n);
      await channels.collect(channel, 130n, signature);
      expect(await channels.balanceOf(payee)).to.equal(130n);
      await expectSolvent(base, [channelId]);
    });

    it("that the payer closes leaves the payee the dispute window; then anyone finishes", async () => {
      const base = await load();
      const { channels, payer, payee, stranger } = base;
      const { channel, channelId } = await opened(base);
      const closing = await channels.connect(payer).startClosing(channel);
      const block = await closing.getBlock();
      const closesAt = BigInt(block?.timestamp ?? 0) + DISPUTE_WINDOW;
      await expect(closing).to.emit(channels, "ChannelClosing").withArgs(channelId, payee, closesAt);

      await networkHelpers.time.setNextBlockTimestamp(closesAt);
      await expect(channels.connect(stranger).finish(channel))
        .to.be.revertedWithCustomError(channels, "ChannelNotDue")
        .withArgs(channelId, closesAt);
      // A voucher counts until somebody finishes.
      await channels.collect(channel, 300n, (await voucherOf(base, channel, 300n, payer)).signature);
      await expectSolvent(base, [channelId]);
      await expect(channels.connect(stranger).finish(channel))
        .to.emit(channels, "ChannelClosed")
        .withArgs(channelId, payer, DEPOSIT - 300n);
      expect(await channels.balanceOf(payer)).to.equal(DEPOSIT - 300n);
      await expectSolvent(base, [channelId]);
    });

    it("stays solvent to the last unit whatever is done in whatever order, and can always be emptied", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(6), fc.nat(2), fc.nat(400)), { minLength: 16, maxLength: 24 }),
          async (steps) => walk(await load(), steps),
        ),
        { numRuns: 6, seed: 4 },
      );
    });
  });
}

/** Takes steps, most of which the contract may refuse, and checks the money after each; then everybody leaves. */
async function walk(base: Channels, steps: readonly (readonly [kind: number, which: number, amount: number])[]) {
  const { channels, payer, payee, stranger, money } = base;
  const all = await Promise.all([0, 1, 2].map((index) => channelOf(base, { salt: salt(index) })));
  const ids = all.map((channel) => channelIdOf(base.place, channel));
  const highest = [0n, 0n, 0n];
  const credited = [0n, 0n, 0n];
  for (const [kind, which, size] of steps) {
    const channel = all[which];
    const channelId = ids[which];
    if (channel === undefined || channelId === undefined) continue;
    const amount = BigInt(size);
    const voucher = await voucherOf(base, channel, amount, payer);
    const before = await channels.statusOf(channelId);
    const wallet = channels.connect(payer);
    await attempt(
      [
        () => wallet.open(channel, amount, money.value(amount)),
        () => wallet.topUp(channel, amount, money.value(amount)),
        () => channels.connect(stranger).collect(channel, amount, voucher.signature),
        () => channels.connect(stranger).collectMany([voucher, voucher]),
        () => wallet.startClosing(channel),
        () => channels.connect(payee).close(voucher),
        async () => {
          await networkHelpers.time.increase(DISPUTE_WINDOW);
          return channels.connect(stranger).finish(channel);
        },
      ][kind],
    );
    await expectSolvent(base, ids);
    const after = await channels.statusOf(channelId);
    expect(after.state >= before.state).to.equal(true);
    if (after.collected > before.collected) {
      credited[which] = after.collected;
      highest[which] = amount > (highest[which] ?? 0n) ? amount : (highest[which] ?? 0n);
    }
  }
  // Nobody is paid more than was signed.
  for (const [which, paid] of credited.entries()) expect(paid <= (highest[which] ?? 0n)).to.equal(true);

  for (const channel of all) {
    await attempt(() => channels.connect(payer).startClosing(channel));
    await networkHelpers.time.increase(DISPUTE_WINDOW + 1n);
    await attempt(() => channels.finish(channel));
  }
  for (const account of [payer, payee])
    await channels.connect(account).withdraw(await channels.balanceOf(account), account);
  expect(await money.held(channels)).to.equal(0n);
}

async function attempt(step: (() => Promise<unknown>) | undefined): Promise<void> {
  try {
    await step?.();
  } catch (error) {
    if (!String(error).includes("reverted with custom error")) throw error;
  }
}

describe("vouchers", function () {
  this.timeout(60_000);
  const load = () => networkHelpers.loadFixture(nativeChannels);

  it("of a batch are each judged alone", async () => {
    const base = await load();
    const { channels, payer, payee, otherPayee, stranger } = base;
    const first = await opened(base, { salt: salt(1) });
    const forged = await opened(base, { salt: salt(2) });
    const other = await opened(base, { payee: otherPayee.address });
    const closed = await opened(base, { salt: salt(3) });
    await channels.connect(payee).close({ channel: closed.channel, total: 0n, signature: "0x" });
    const unknown = await channelOf(base, { salt: salt(4) });

    const batch = [
      await voucherOf(base, forged.channel, 10n, stranger),
      await voucherOf(base, first.channel, 10n, payer),
      await voucherOf(base, first.channel, 10n, payer),
      await voucherOf(base, closed.channel, 10n, payer),
      await voucherOf(base, unknown, 10n, payer),
      await voucherOf(base, other.channel, 20n, payer),
    ];
    const codes = [CODE.SignatureInvalid, CODE.Collected, CODE.NothingNew, CODE.NotOpen, CODE.NotOpen, CODE.Collected];
    const many = channels.connect(stranger);
    expect([...(await many.collectMany.staticCall(batch))]).to.deep.equal(codes);
    const sending = many.collectMany(batch);
    await expect(sending)
      .to.emit(channels, "VoucherRefused")
      .withArgs(forged.channelId, CODE.SignatureInvalid)
      .to.emit(channels, "VoucherRefused")
      .withArgs(closed.channelId, CODE.NotOpen);
    expect([await channels.balanceOf(payee), await channels.balanceOf(otherPayee)]).to.deep.equal([10n, 20n]);
    await expectSolvent(
      base,
      [first, forged, other, closed].map(({ channelId }) => channelId),
    );
  });

  it("that cannot be collected are refused with a reason", async () => {
    const base = await load();
    const { channels, payer, payee, stranger } = base;
    const { channel, channelId } = await opened(base);
    const { signature } = await voucherOf(base, channel, 5n, payer);
    for (const [total, bytes, code] of [
      [5n, (await voucherOf(base, channel, 5n, stranger)).signature, CODE.SignatureInvalid],
      [6n, signature, CODE.SignatureInvalid],
      [5n, "0x", CODE.SignatureInvalid],
      [0n, (await voucherOf(base, channel, 0n, payer)).signature, CODE.NothingNew],
    ] as const)
      await expect(channels.collect(channel, total, bytes))
        .to.be.revertedWithCustomError(channels, "VoucherNotCollected")
        .withArgs(channelId, code);
    await expect(channels.connect(payee).close({ channel, total: 6n, signature }))
      .to.be.revertedWithCustomError(channels, "VoucherNotCollected")
      .withArgs(channelId, CODE.SignatureInvalid);
    await channels.connect(payee).close({ channel, total: 0n, signature: "0x" });
    await expect(channels.collect(channel, 5n, signature))
      .to.be.revertedWithCustomError(channels, "VoucherNotCollected")
      .withArgs(channelId, CODE.NotOpen);
  });

  it("count in their channel, contract and chain only", async () => {
    const base = await load();
    const { channels, payer, place } = base;
    const { channel, channelId } = await opened(base);
    const sibling = await opened(base, { salt: salt(1) });
    const twin = await channelsWith(nativeCoin);
    await twin.channels.connect(payer).open(channel, DEPOSIT, { value: DEPOSIT });
    const refused = async (signature: string) => {
      await expect(channels.collect(channel, 5n, signature))
        .to.be.revertedWithCustomError(channels, "VoucherNotCollected")
        .withArgs(channelId, CODE.SignatureInvalid);
    };
    await refused(await signVoucher(payer, place, sibling.channel, 5n));
    await refused(await signVoucher(payer, twin.place, channel, 5n));
    await refused(await signVoucher(payer, { ...place, chainId: 1 }, channel, 5n));
    await channels.collect(channel, 5n, await signVoucher(payer, place, channel, 5n));
  });

  it("are signed by the key that the channel names, and no other", async () => {
    const base = await load();
    const { channels, payer, payee, signer } = base;
    const { channel, channelId } = await opened(base, { signer: signer.address });
    await expect(channels.collect(channel, 5n, await signVoucher(payer, base.place, channel, 5n)))
      .to.be.revertedWithCustomError(channels, "VoucherNotCollected")
      .withArgs(channelId, CODE.SignatureInvalid);
    const signature = await signVoucher(signer, base.place, channel, 5n);
    expect(await channels.isSigned(channel, 5n, signature)).to.equal(true);
    expect(await channels.isSigned(channel, 6n, signature)).to.equal(false);
    await channels.collect(channel, 5n, signature);
    expect(await channels.balanceOf(payee)).to.equal(5n);
  });
});

describe("opening and closing", function () {
  this.timeout(60_000);
  const load = () => networkHelpers.loadFixture(nativeChannels);

  it("is for the parties that the channel names", async () => {
    const base = await load();
    const { channels, payer, payee, stranger } = base;
    const channel = await channelOf(base);
    const channelId = channelIdOf(base.place, channel);
    await expect(channels.connect(stranger).open(channel, 0n))
      .to.be.revertedWithCustomError(channels, "NotPayer")
      .withArgs(channelId, stranger);
    for (const missing of ["payee", "signer"] as const) {
      const nobody = { ...channel, [missing]: ethers.ZeroAddress };
      await expect(channels.connect(payer).open(nobody, 0n))
        .to.be.revertedWithCustomError(channels, "PartyMissing")
        .withArgs(nobody.payee, nobody.signer);
    }
    await channels.connect(payer).open(channel, 0n);
    await expect(channels.connect(payee).startClosing(channel))
      .to.be.revertedWithCustomError(channels, "NotPayer")
      .withArgs(channelId, payee);
    await expect(channels.connect(payer).close({ channel, total: 0n, signature: "0x" }))
      .to.be.revertedWithCustomError(channels, "NotPayee")
      .withArgs(channelId, payer);
  });

  it("goes one way, and an id is never used again", async () => {
    const base = await load();
    const { channels, payer, payee } = base;
    const wallet = channels.connect(payer);
    const channel = await channelOf(base);
    const channelId = channelIdOf(base.place, channel);
    const refused = async (call: Promise<unknown>, had: bigint) => {
      await expect(call).to.be.revertedWithCustomError(channels, "ChannelStateMismatch").withArgs(channelId, had);
    };
    const last = { channel, total: 0n, signature: "0x" };
    await refused(wallet.topUp(channel, 1n, { value: 1n }), CHANNEL_STATE.None);
    await refused(wallet.startClosing(channel), CHANNEL_STATE.None);
    await refused(wallet.finish(channel), CHANNEL_STATE.None);
    await refused(channels.connect(payee).close(last), CHANNEL_STATE.None);
    await wallet.open(channel, 1n, { value: 1n });
    await refused(wallet.open(channel, 1n, { value: 1n }), CHANNEL_STATE.Open);
    await refused(wallet.finish(channel), CHANNEL_STATE.Open);
    await wallet.startClosing(channel);
    await refused(wallet.startClosing(channel), CHANNEL_STATE.Closing);
    await refused(wallet.topUp(channel, 1n, { value: 1n }), CHANNEL_STATE.Closing);
    // The payee need not wait.
    await channels.connect(payee).close(last);
    await refused(channels.connect(payee).close(last), CHANNEL_STATE.Closed);
    await refused(wallet.open(channel, 1n, { value: 1n }), CHANNEL_STATE.Closed);
    expect([...(await channels.statusOf(channelId))]).to.deep.equal([0n, 0n, 0n, CHANNEL_STATE.Closed]);
  });

  it("has a window of a second to 90 days", async () => {
    const { channels } = await load();
    const longest = 90 * 86_400;
    for (const window of [0, longest + 1])
      await expect(ethers.deployContract("PaymentChannels", [ethers.ZeroAddress, window]))
        .to.be.revertedWithCustomError(channels, "ParameterOutOfRange")
        .withArgs("disputeWindow", window, longest);
    await ethers.deployContract("PaymentChannels", [ethers.ZeroAddress, longest]);
    expect(await channels.disputeWindow()).to.equal(DISPUTE_WINDOW);
  });
});
