import { expect } from "chai";
import { keccak256 } from "ethers";

import {
  addVersion,
  ETHER,
  ethers,
  expectSolvent,
  LEVEL,
  MAX_FEE,
  MIN_FEE,
  networkHelpers,
  PARAMETERS,
  requestJob,
  requestOf,
  ROYALTY,
  served,
} from "./fixture.ts";

const load = () => networkHelpers.loadFixture(served);

describe("a request", function () {
  this.timeout(60_000);

  it("earmarks the highest fee from what was prepaid and what is sent along", async () => {
    const { market, versionId, stranger } = await load();
    await market.deposit(stranger, { value: 10n });
    await expect(market.connect(stranger).request(requestOf(versionId), "0x03", { value: MAX_FEE }))
      .to.emit(market, "Deposited")
      .withArgs(stranger.address, stranger.address, MAX_FEE);
    expect([await market.balanceOf(stranger), await market.nonceOf(stranger)]).to.deep.equal([10n, 1n]);
    await expect(market.connect(stranger).request(requestOf(versionId), "0x03"))
      .to.be.revertedWithCustomError(market, "BalanceTooLow")
      .withArgs(stranger.address, 10n, MAX_FEE);
  });

  it("is refused with a reason when it could not be answered", async () => {
    const base = await load();
    const { market, models, workers, worker, owner, versionId } = base;
    const refused = async (
      overrides: Parameters<typeof requestJob>[1],
      error: string,
      args: unknown[],
      input = "0x03",
    ) =>
      expect(requestJob(base, overrides, input))
        .to.be.revertedWithCustomError(error === "VersionUnknown" ? models : market, error)
        .withArgs(...args);

    const unknown = keccak256("0x");
    await refused({ versionId: unknown }, "VersionUnknown", [unknown]);
    await refused({}, "InputLength", [2, 1], "0x0303");
    await refused({}, "InputLength", [0, 1], "0x");
    await refused({ minFee: ROYALTY - 1n }, "FeeTooLow", [ROYALTY - 1n, ROYALTY]);
    await refused({ maxFee: MIN_FEE - 1n }, "FeesOutOfOrder", [MIN_FEE, MIN_FEE - 1n]);
    const { priorityWindow, maxTimeToLive, minChallengeWindow, maxCallbackGas } = PARAMETERS;
    for (const timeToLive of [0n, priorityWindow, maxTimeToLive + 1n])
      await refused({ timeToLive }, "TimeToLiveOutOfRange", [timeToLive, priorityWindow + 1n, maxTimeToLive]);
    for (const copies of [0n, 2n]) await refused({ copies }, "CopiesOutOfRange", [copies, 1n]);
    for (const challengeWindow of [1n, minChallengeWindow - 1n, maxTimeToLive + 1n])
      await refused({ challengeWindow }, "ChallengeWindowOutOfRange", [
        challengeWindow,
        minChallengeWindow,
        maxTimeToLive,
      ]);
    await refused({ callbackGas: maxCallbackGas + 1n }, "CallbackGasTooHigh", [maxCallbackGas + 1n, maxCallbackGas]);

    const teeOnly = await addVersion(base, { levels: 2 });
    await refused({ versionId: teeOnly, level: LEVEL.Zkml }, "LevelNotAllowed", [teeOnly, LEVEL.Zkml]);
    await refused({ versionId: teeOnly, level: LEVEL.Tee }, "NoWorkerServes", [teeOnly, LEVEL.Tee]);
    await workers.connect(worker.key).serve(worker.id, versionId, 6);
    await refused({}, "NoWorkerServes", [versionId, LEVEL.Vanilla]);
    await workers.connect(worker.key).serve(worker.id, versionId, 7);
    await models.connect(owner).setDeprecated(versionId, true);
    await refused({}, "VersionDeprecated", [versionId]);
    await models.connect(owner).setDeprecated(versionId, false);
    const { job } = await requestJob(base);
    await expectSolvent(base, [job]);
  });
});

describe("an account", () => {
  it("is paid out to its holder only, as far as it goes", async () => {
    const { market, requester, stranger } = await load();
    await expect(market.connect(requester).withdraw(ETHER + 1n, requester))
      .to.be.revertedWithCustomError(market, "BalanceTooLow")
      .withArgs(requester.address, ETHER, ETHER + 1n);
    await expect(market.connect(requester).withdraw(7n, stranger)).to.changeEtherBalance(ethers, stranger, 7n);
    await expect(market.connect(stranger).withdraw(1n, stranger)).to.be.revertedWithCustomError(
      market,
      "BalanceTooLow",
    );
    await expect(market.connect(requester).withdraw(1n, await market.getAddress())).to.be.revertedWithCustomError(
      market,
      "TransferFailed",
    );
  });

  it("is filled by `deposit`, not by a plain transfer", async () => {
    const { market, stranger } = await load();
    await expect(stranger.sendTransaction({ to: market, value: 1n }))
      .to.be.revertedWithCustomError(market, "TransferUnexpected")
      .withArgs(stranger.address, 1n);
  });
});
