import { expect } from "chai";
import { keccak256 } from "ethers";

import {
  addVersion,
  ETHER,
  ethers,
  expectSolvent,
  lastJob,
  LEVEL,
  MAX_FEE,
  MIN_FEE,
  networkHelpers,
  PARAMETERS,
  requestJob,
  requestOf,
  ROYALTY,
  served,
  TIME_TO_LIVE,
  WORK_UNITS,
} from "../fixture.ts";
import { plainTerms } from "./jobs.ts";

const load = () => networkHelpers.loadFixture(served);

describe("a request", function () {
  this.timeout(60_000);

  it("earmarks the highest fee from what was prepaid and what is sent along", async () => {
    const { market, versionId, stranger } = await load();
    await market.deposit(stranger, 10n, { value: 10n });
    await expect(market.connect(stranger).request(requestOf(versionId), "0x03", { value: MAX_FEE }))
      .to.emit(market, "Deposited")
      .withArgs(stranger.address, stranger.address, MAX_FEE);
    expect([await market.balanceOf(stranger), await market.nonceOf(stranger)]).to.deep.equal([10n, 1n]);
    await expect(market.connect(stranger).request(requestOf(versionId), "0x03"))
      .to.be.revertedWithCustomError(market, "BalanceTooLow")
      .withArgs(stranger.address, 10n, MAX_FEE);
  });

  it("becomes a job that says what was asked for, of whom, when and at which terms", async () => {
    const base = await load();
    const { market, workers, requester, versionId, admin, treasury } = base;
    await market.connect(admin).setProtocolFee(250, treasury);
    const asked = requestOf(versionId, { callbackGas: 50_000n, callbackAt: 1n, challengeWindow: 400n });
    await market.connect(requester).request(asked, "0x03");
    const block = await ethers.provider.getBlock("latest");
    const now = BigInt(block?.timestamp ?? 0);
    const { terms, jobId, job } = await lastJob(base);
    const { places } = await workers.candidates(versionId, LEVEL.Vanilla);
    expect(plainTerms(terms)).to.deep.equal({
      versionId,
      inputHash: keccak256("0x03"),
      requester: requester.address,
      consumer: requester.address,
      level: BigInt(LEVEL.Vanilla),
      callbackAt: 1n,
      callbackGas: 50_000n,
      minFee: MIN_FEE,
      maxFee: MAX_FEE,
      requestedAt: now,
      deadline: now + TIME_TO_LIVE,
      challengeWindow: 400n,
      copies: 1n,
      requestBlock: BigInt(block?.number ?? 0),
      candidates: places,
      maxPrice: (MIN_FEE - ROYALTY - MIN_FEE / 40n) / WORK_UNITS,
      royalty: ROYALTY,
      outputBytes: 1n,
      textOutput: false,
      feeBasisPoints: 250n,
      nonce: 0n,
    });
    expect(await market.jobIdOf(job)).to.equal(jobId);
  });

  it("has the least challenge window unless it says otherwise, and none where evidence decides", async () => {
    const base = await load();
    const { minChallengeWindow } = PARAMETERS;
    expect((await requestJob(base)).terms.challengeWindow).to.equal(minChallengeWindow);
    const { terms } = await requestJob(base, { level: LEVEL.Tee, challengeWindow: minChallengeWindow });
    expect(terms.challengeWindow).to.equal(0n);
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
    const { priorityWindow, maxTimeToLive, minChallengeWindow, maxChallengeWindow, maxCallbackGas } = PARAMETERS;
    for (const timeToLive of [0n, 2n * priorityWindow, maxTimeToLive + 1n])
      await refused({ timeToLive }, "TimeToLiveOutOfRange", [timeToLive, 2n * priorityWindow + 1n, maxTimeToLive]);
    for (const copies of [0n, 8n]) await refused({ copies }, "CopiesOutOfRange", [copies, 7n]);
    for (const level of [LEVEL.Tee, LEVEL.Zkml]) await refused({ copies: 2n, level }, "CopiesOutOfRange", [2n, 1n]);
    await refused({ copies: 2n }, "TooFewWorkers", [versionId, LEVEL.Vanilla, 1n, 2n]);
    for (const challengeWindow of [1n, minChallengeWindow - 1n, maxChallengeWindow + 1n])
      await refused({ challengeWindow }, "ChallengeWindowOutOfRange", [
        challengeWindow,
        minChallengeWindow,
        maxChallengeWindow,
      ]);
    await refused({ callbackGas: maxCallbackGas + 1n }, "CallbackGasTooHigh", [maxCallbackGas + 1n, maxCallbackGas]);

    const teeOnly = await addVersion(base, { levels: 2 });
    await refused({ versionId: teeOnly, level: LEVEL.Zkml }, "LevelNotAllowed", [teeOnly, LEVEL.Zkml]);
    await refused({ versionId: teeOnly, level: LEVEL.Tee }, "TooFewWorkers", [teeOnly, LEVEL.Tee, 0n, 1n]);
    await workers.connect(worker.key).serve(worker.id, versionId, 6);
    await refused({}, "TooFewWorkers", [versionId, LEVEL.Vanilla, 0n, 1n]);
    await workers.connect(worker.key).serve(worker.id, versionId, 7);
    await models.connect(owner).setDeprecated(versionId, true);
    await refused({}, "VersionDeprecated", [versionId]);
    await models.connect(owner).setDeprecated(versionId, false);
    const { job } = await requestJob(base);
    await expectSolvent(base, [job]);
  });

  it("is taken at the ends of every range", async () => {
    const base = await load();
    const { priorityWindow, maxTimeToLive, minChallengeWindow, maxChallengeWindow, maxCallbackGas } = PARAMETERS;
    for (const overrides of [
      { timeToLive: 2n * priorityWindow + 1n },
      { timeToLive: maxTimeToLive },
      { challengeWindow: minChallengeWindow },
      { challengeWindow: maxChallengeWindow },
      { callbackGas: maxCallbackGas },
      { minFee: ROYALTY, maxFee: ROYALTY },
    ]) {
      const { job, jobId } = await requestJob(base, overrides);
      expect(await base.market.jobIdOf(job)).to.equal(jobId);
    }
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
