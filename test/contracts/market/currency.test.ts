import { expect } from "chai";

import {
  BURN,
  deployedFor,
  ETHER,
  ethers,
  expectSolvent,
  heldBy,
  LEVEL,
  networkHelpers,
  PARAMETERS,
  passTime,
  requestJob,
  requestOf,
  served,
  servedIn,
} from "../fixture.ts";

const inHookedToken = () => servedIn("HookedToken");
const inFalseToken = () => servedIn("FalseToken");
const inBlockingToken = () => servedIn("BlockingToken");

/** Claims a job and lets its worker be late. */
async function lateClaim(base: Awaited<ReturnType<typeof servedIn>>) {
  const { market, worker } = base;
  const requested = await requestJob(base, { level: LEVEL.Tee });
  await market.connect(worker.key).claim(requested.job);
  await passTime((await market.statusOf(requested.jobId)).dueAt);
  return requested;
}

describe("the settlement currency", function () {
  this.timeout(60_000);

  it("is the native coin or a token, and not any other address", async () => {
    const { stranger, tee } = await networkHelpers.loadFixture(served);
    const token = await ethers.deployContract("PermitToken");
    const deploy = (currency: unknown) => ethers.deployContract("PaymentChannels", [currency, 3_600n]);
    expect(await deploy(token)).to.not.equal(undefined);
    expect(await deploy(ethers.ZeroAddress)).to.not.equal(undefined);
    for (const wrong of [stranger, tee]) await expect(deploy(wrong)).to.be.revertedWithoutReason(ethers);
  });
});

describe("a token that keeps a part of each transfer", function () {
  this.timeout(60_000);

  it("is refused wherever it is paid in", async () => {
    const token = await ethers.deployContract("TaxedToken");
    const base = await deployedFor(await token.getAddress());
    const { market, workers, channels, requester, stranger } = base;
    await token.getFunction("mint")(requester, ETHER);
    for (const spender of [market, workers, channels])
      await token.connect(requester).getFunction("approve")(spender, ETHER);
    const channel = { payer: requester, payee: stranger, signer: requester, salt: ethers.ZeroHash };
    const zeros = [ethers.ZeroHash, ethers.ZeroHash] as const;
    for (const paying of [
      () => market.connect(requester).deposit(requester, 1_000n),
      () => market.connect(requester).depositWithPermit(requester, 1_000n, 0n, 27, ...zeros),
      () => channels.connect(requester).open(channel, 1_000n),
    ])
      await expect(paying()).to.be.revertedWithCustomError(market, "TransferShort").withArgs(990n, 1_000n);
    await expect(workers.connect(requester).register(stranger, 1n, ETHER / 2n))
      .to.be.revertedWithCustomError(market, "TransferShort")
      .withArgs((ETHER / 200n) * 99n, ETHER / 2n);
    expect(await heldBy(market)).to.equal(0n);
  });
});

describe("a token that says no instead of reverting", function () {
  this.timeout(60_000);

  it("neither fills an account nor empties one that it does not pay", async () => {
    const base = await networkHelpers.loadFixture(inFalseToken);
    const { market, workers, requester, token } = base;
    await token.getFunction("mute")(true);
    await expect(market.connect(requester).deposit(requester, 1n))
      .to.be.revertedWithCustomError(workers, "SafeERC20FailedOperation")
      .withArgs(await token.getAddress());
    await expect(market.connect(requester).withdraw(1n, requester))
      .to.be.revertedWithCustomError(market, "TransferFailed")
      .withArgs(requester.address, 1n);
    expect(await market.balanceOf(requester)).to.equal(ETHER);
    await token.getFunction("mute")(false);
    await market.connect(requester).withdraw(ETHER, requester);
    expect(await heldBy(market)).to.equal(0n);
  });

  it("delays a slash until it pays again", async () => {
    const base = await networkHelpers.loadFixture(inFalseToken);
    const { market, token } = base;
    const { job } = await lateClaim(base);
    await token.getFunction("mute")(true);
    await expect(market.expire(job)).to.be.revertedWithCustomError(market, "TransferFailed");
    await token.getFunction("mute")(false);
    await market.expire(job);
    await expectSolvent(base, [job]);
  });
});

describe("a token that refuses some receivers", function () {
  this.timeout(60_000);

  it("blocks nobody's refund: what it will not burn stays as an account that nobody has", async () => {
    const base = await networkHelpers.loadFixture(inBlockingToken);
    const { market, requester, token } = base;
    const { job } = await lateClaim(base);
    await token.getFunction("setBlocked")(BURN, true);
    await market.expire(job);
    expect(await market.balanceOf(BURN)).to.equal(PARAMETERS.jobStake / 2n);
    expect(await market.balanceOf(requester)).to.equal(ETHER + PARAMETERS.jobStake / 2n);
    await expectSolvent(base, [job]);
  });

  it("leaves a blocked holder the choice of another receiver", async () => {
    const { market, requester, stranger, token } = await networkHelpers.loadFixture(inBlockingToken);
    await token.getFunction("setBlocked")(requester, true);
    await expect(market.connect(requester).withdraw(ETHER, requester)).to.be.revertedWithCustomError(
      market,
      "TransferFailed",
    );
    await market.connect(requester).withdraw(ETHER, stranger);
    expect(await market.balanceOf(requester)).to.equal(0n);
  });
});

describe("a token that calls somebody in the middle of a transfer", function () {
  this.timeout(60_000);

  it("gets into no part of the market while another one moves money", async () => {
    const base = await networkHelpers.loadFixture(inHookedToken);
    const { market, workers, requester, token } = base;
    const { job } = await requestJob(base);
    const call = market.interface;
    const hash = ethers.ZeroHash;
    // Of each of the four contracts that make the market.
    const calls = {
      settle: call.encodeFunctionData("settle", [job, "0x"]),
      execute: call.encodeFunctionData("execute", [job, "0x06"]),
      fulfill: call.encodeFunctionData("fulfill", [job, "0x06", "0x"]),
      claim: call.encodeFunctionData("claim", [job]),
      challenge: call.encodeFunctionData("challenge", [job]),
      resolve: call.encodeFunctionData("resolve", [job]),
      expire: call.encodeFunctionData("expire", [job]),
      retryCallback: call.encodeFunctionData("retryCallback", [job, "0x"]),
      commit: call.encodeFunctionData("commit", [job, hash]),
      openReveals: call.encodeFunctionData("openReveals", [job]),
      reveal: call.encodeFunctionData("reveal", [job, "0x06", hash]),
      tally: call.encodeFunctionData("tally", [job, "0x"]),
      commitVerdict: call.encodeFunctionData("commitVerdict", [job, hash]),
      revealVerdict: call.encodeFunctionData("revealVerdict", [job, hash, hash]),
      deposit: call.encodeFunctionData("deposit", [requester.address, 0n]),
      withdraw: call.encodeFunctionData("withdraw", [0n, requester.address]),
      withdrawEarnings: call.encodeFunctionData("withdrawEarnings", [1n, requester.address]),
    };
    for (const [name, data] of Object.entries(calls)) {
      await token.getFunction("setHook")(market, data);
      await expect(market.connect(requester).deposit(requester, 1n), name).to.be.revertedWithCustomError(
        workers,
        "ReentrancyGuardReentrantCall",
      );
    }
    // The failure of a payment is told as that.
    await token.getFunction("setHook")(market, calls.withdraw);
    await expect(market.connect(requester).withdraw(1n, requester)).to.be.revertedWithCustomError(
      market,
      "TransferFailed",
    );
    await token.getFunction("setHook")(ethers.ZeroAddress, "0x");
    await expectSolvent(base, [job]);
  });

  it("gets nothing for sending money along in the middle of a deposit", async () => {
    const base = await networkHelpers.loadFixture(inHookedToken);
    const { market, requester, token } = base;
    await token.getFunction("mint")(token, 10n);
    const more = token.interface.encodeFunctionData("transfer", [await market.getAddress(), 1n]);
    await token.getFunction("setHook")(token, more);
    await expect(market.connect(requester).deposit(requester, 5n))
      .to.be.revertedWithCustomError(market, "TransferShort")
      .withArgs(6n, 5n);
  });

  it("may ask for an inference, which moves none", async () => {
    const base = await networkHelpers.loadFixture(inHookedToken);
    const { market, requester, token, versionId } = base;
    await market.connect(requester).allowConsumer(token, ETHER);
    const ask = market.interface.encodeFunctionData("requestFrom", [requester.address, requestOf(versionId), "0x03"]);
    await token.getFunction("setHook")(market, ask);
    await expect(market.connect(requester).deposit(requester, 5n)).to.emit(market, "JobRequested");
  });
});
