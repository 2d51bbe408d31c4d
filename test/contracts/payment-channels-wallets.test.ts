import { expect } from "chai";

import { channelIdOf, signVoucher } from "../../workers/sdk/channels/voucher.ts";
import {
  channelOf,
  CODE,
  DEPOSIT,
  ethers,
  gasOf,
  nativeChannels,
  networkHelpers,
  opened,
  voucherOf,
} from "./channels-fixture.ts";

const MOOD = { Honest: 0, Reverting: 1, Burning: 2, Bombing: 3, Thorough: 6 } as const;

describe("a payer that is a contract", function () {
  this.timeout(60_000);

  async function wallet() {
    const base = await nativeChannels();
    const owned = await ethers.deployContract("SignerWallet", [base.signer]);
    const address = await owned.getAddress();
    const channel = await channelOf(base, { payer: address, signer: address });
    const opening = base.channels.interface.encodeFunctionData("open", [channel, DEPOSIT]);
    await owned.getFunction("execute")(base.channels, DEPOSIT, opening, { value: DEPOSIT });
    return { ...base, owned, channel, channelId: channelIdOf(base.place, channel) };
  }
  const load = () => networkHelpers.loadFixture(wallet);

  it("signs by ERC-1271", async () => {
    const { channels, channel, channelId, signer, stranger, payee, place } = await load();
    await expect(channels.collect(channel, 5n, await signVoucher(stranger, place, channel, 5n)))
      .to.be.revertedWithCustomError(channels, "VoucherNotCollected")
      .withArgs(channelId, CODE.SignatureInvalid);
    await channels.collect(channel, 5n, await signVoucher(signer, place, channel, 5n));
    expect(await channels.balanceOf(payee)).to.equal(5n);
  });

  it("may be as costly to ask as one that checks a passkey's curve", async () => {
    const { channels, owned, channel, signer, payee, place } = await load();
    await owned.getFunction("setMood")(MOOD.Thorough);
    await channels.collect(channel, 5n, await signVoucher(signer, place, channel, 5n));
    expect(await channels.balanceOf(payee)).to.equal(5n);
  });

  it("counts with the key's signature too, if a key delegated to the code", async () => {
    const base = await load();
    const { channels, payer, payee, owned, place } = base;
    const { channel } = await opened(base);
    await networkHelpers.setCode(payer.address, await ethers.provider.getCode(owned));
    const byKey = await signVoucher(payer, place, channel, 5n);
    expect(await channels.isSigned(channel, 5n, byKey)).to.equal(true);
    await channels.collect(channel, 5n, byKey);
    await channels.collect(channel, 7n, await signVoucher(base.signer, place, channel, 7n));
    expect(await channels.balanceOf(payee)).to.equal(7n);
  });

  for (const mood of ["Reverting", "Burning", "Bombing"] as const)
    it(`and is ${mood.toLowerCase()} takes nothing from the rest of a batch`, async () => {
      const base = await load();
      const { channels, owned, channel, signer, payer, payee } = base;
      const honest = await opened(base);
      await owned.getFunction("setMood")(MOOD[mood]);
      const batch = [await voucherOf(base, channel, 5n, signer), await voucherOf(base, honest.channel, 7n, payer)];
      expect([...(await channels.collectMany.staticCall(batch))]).to.deep.equal([
        CODE.SignatureInvalid,
        CODE.Collected,
      ]);
      expect(await gasOf(channels.collectMany(batch))).to.be.lessThan(700_000);
      expect(await channels.balanceOf(payee)).to.equal(7n);
    });

  it("and takes no coins blocks nobody, and withdraws to elsewhere", async () => {
    const { channels, owned, channel, payee, stranger } = await load();
    const address = await owned.getAddress();
    await channels.connect(payee).close({ channel, total: 0n, signature: "0x" });
    expect(await channels.balanceOf(owned)).to.equal(DEPOSIT);
    const withdrawal = (to: string) => channels.interface.encodeFunctionData("withdraw", [DEPOSIT, to]);
    await expect(owned.getFunction("execute")(channels, 0n, withdrawal(address)))
      .to.be.revertedWithCustomError(channels, "TransferFailed")
      .withArgs(address, DEPOSIT);
    await owned.getFunction("execute")(channels, 0n, withdrawal(stranger.address));
    expect(await channels.balanceOf(owned)).to.equal(0n);
  });
});
