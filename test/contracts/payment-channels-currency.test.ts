import { expect } from "chai";
import { Signature } from "ethers";

import { channelIdOf } from "../../workers/sdk/channels/voucher.ts";
import {
  channelOf,
  type Channels,
  channelsWith,
  DEPOSIT,
  ethers,
  expectSolvent,
  nativeChannels,
  networkHelpers,
  opened,
  salt,
  tokenChannels,
  tokenMoney,
  voucherOf,
} from "./channels-fixture.ts";

describe("the settlement currency", function () {
  this.timeout(60_000);
  const load = () => networkHelpers.loadFixture(tokenChannels);

  async function withToken(name: string) {
    const base = await channelsWith(await tokenMoney(name));
    const { token } = base.money;
    if (token === undefined) throw new Error("there is no token");
    return { ...base, token };
  }

  it("is told, and an address without a token is refused at once", async () => {
    const { channels, money, stranger } = await load();
    expect(await channels.currency()).to.equal(money.address);
    await expect(ethers.deployContract("PaymentChannels", [stranger, 1])).to.revert(ethers);
  });

  it("comes as value or from the allowance, and exactly", async () => {
    const native = await nativeChannels();
    const channel = await channelOf(native);
    await expect(native.channels.connect(native.payer).open(channel, 5n, { value: 4n }))
      .to.be.revertedWithCustomError(native.channels, "ValueMismatch")
      .withArgs(4n, 5n);
    const { channels, payer } = await load();
    await expect(channels.connect(payer).open(channel, 5n, { value: 5n }))
      .to.be.revertedWithCustomError(channels, "ValueMismatch")
      .withArgs(5n, 0n);
  });

  it("does not keep part of what is sent", async () => {
    const { channels, payer, ...base } = await withToken("TaxedToken");
    const channel = await channelOf({ payer, ...base });
    await expect(channels.connect(payer).open(channel, 1000n))
      .to.be.revertedWithCustomError(channels, "TransferShort")
      .withArgs(990n, 1000n);
  });

  it("that returns false has not moved", async () => {
    const base = await withToken("FalseToken");
    const { channels, payer, payee, token } = base;
    const { channel } = await opened(base);
    await token.getFunction("mute")(true);
    const fresh = { ...channel, salt: salt(1) };
    await expect(channels.connect(payer).open(fresh, 5n))
      .to.be.revertedWithCustomError(channels, "SafeERC20FailedOperation")
      .withArgs(base.money.address);
    await channels.connect(payee).close({ channel, total: 0n, signature: "0x" });
    await expect(channels.connect(payer).withdraw(DEPOSIT, payer))
      .to.be.revertedWithCustomError(channels, "TransferFailed")
      .withArgs(payer, DEPOSIT);
    await token.getFunction("mute")(false);
    await channels.connect(payer).withdraw(DEPOSIT, payer);
  });

  it("that refuses the payer keeps nobody else from their money", async () => {
    const base = await withToken("BlockingToken");
    const { channels, payer, payee, stranger, token } = base;
    const { channel, channelId } = await opened(base);
    await token.getFunction("setBlocked")(payer, true);
    await channels.connect(payee).close(await voucherOf(base, channel, 9n, payer));
    await channels.connect(payee).withdraw(9n, payee);
    await expect(channels.connect(payer).withdraw(1n, payer))
      .to.be.revertedWithCustomError(channels, "TransferFailed")
      .withArgs(payer, 1n);
    await channels.connect(payer).withdraw(1n, stranger);
    await expectSolvent(base, [channelId]);
  });

  it("with hooks cannot enter again while money moves", async () => {
    const base = await withToken("HookedToken");
    const { channels, payer, payee, token } = base;
    const { channel } = await opened(base);
    await channels.connect(payee).close({ channel, total: 0n, signature: "0x" });
    const fresh = { ...channel, salt: salt(1) };
    for (const again of [
      channels.interface.encodeFunctionData("open", [fresh, 0n]),
      channels.interface.encodeFunctionData("topUp", [channel, 0n]),
      channels.interface.encodeFunctionData("withdraw", [0n, payer.address]),
    ]) {
      await token.getFunction("setHook")(channels, again);
      await expect(channels.connect(payer).open(fresh, 5n)).to.be.revertedWithCustomError(
        channels,
        "ReentrancyGuardReentrantCall",
      );
      await expect(channels.connect(payer).withdraw(5n, payer))
        .to.be.revertedWithCustomError(channels, "TransferFailed")
        .withArgs(payer, 5n);
    }
  });

  it("leaves only from a balance that has it", async () => {
    const { channels, payer } = await load();
    await expect(channels.connect(payer).withdraw(1n, payer))
      .to.be.revertedWithCustomError(channels, "BalanceTooLow")
      .withArgs(payer, 0n, 1n);
    await channels.connect(payer).withdraw(0n, payer);
  });

  it("in deposits is at most 104 bits", async () => {
    const base = await load();
    const { channels, payer } = base;
    const { channel } = await opened(base);
    const tooMuch = 1n << 104n;
    await expect(channels.connect(payer).open({ ...channel, salt: salt(1) }, tooMuch))
      .to.be.revertedWithCustomError(channels, "SafeCastOverflowedUintDowncast")
      .withArgs(104, tooMuch);
    await expect(channels.connect(payer).topUp(channel, tooMuch - DEPOSIT))
      .to.be.revertedWithCustomError(channels, "SafeCastOverflowedUintDowncast")
      .withArgs(104, tooMuch);
  });

  it("can be allowed by a permit in the same transaction", async () => {
    const base = await load();
    const { channels, payer, money } = base;
    await money.token?.connect(payer).getFunction("approve")(channels, 0n);
    const channel = await channelOf(base);
    const { v, r, s } = await permitOf(base, 5n);
    await expect(
      channels.connect(payer).openWithPermit(channel, 6n, ethers.MaxUint256, v, r, s),
    ).to.be.revertedWithCustomError(channels, "PermitRefused");
    // Whoever sees the permit may hand it in first: that does no harm.
    await money.token?.getFunction("permit")(payer, channels, 5n, ethers.MaxUint256, v, r, s);
    await channels.connect(payer).openWithPermit(channel, 5n, ethers.MaxUint256, v, r, s);
    const fresh = await permitOf(base, 7n);
    const second = { ...channel, salt: salt(1) };
    await channels.connect(payer).openWithPermit(second, 7n, ethers.MaxUint256, fresh.v, fresh.r, fresh.s);
    await expectSolvent(base, [channelIdOf(base.place, channel), channelIdOf(base.place, second)]);

    const native = await nativeChannels();
    await expect(
      native.channels.connect(native.payer).openWithPermit(await channelOf(native), 5n, ethers.MaxUint256, v, r, s),
    ).to.be.revertedWithCustomError(native.channels, "PermitNotPossible");
  });
});

async function permitOf({ channels, payer, money, place }: Channels, value: bigint): Promise<Signature> {
  const domain = { name: "Permit Token", version: "1", chainId: place.chainId, verifyingContract: money.address };
  const nonce = BigInt(String(await money.token?.getFunction("nonces")(payer)));
  const Permit = [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ];
  const spender = await channels.getAddress();
  const message = { owner: payer.address, spender, value, nonce, deadline: ethers.MaxUint256 };
  return Signature.from(await payer.signTypedData(domain, { Permit }, message));
}
